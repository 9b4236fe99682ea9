// Runs both sides. It is the only part that executes the user's code, so it insists on trust.
import * as vscode from 'vscode';
import { type Device, type VerifyParams, type VerifyResult, verifyRequest } from './protocol';
import type { ResultStore } from './results';
import { type Server, ServerUnavailable } from './server';
import { settings } from './settings';

export interface Asked {
  /** One entry by its name; all without it. */
  entry?: string;
  device?: Device;
  /** Whether to compare what each line assigned, too. */
  lines?: boolean;
}

export type Report = (step: { message?: string; increment?: number }) => void;

/** Asks the server and keeps what it answers. `undefined` if it was cancelled. */
export async function verify(
  source: vscode.TextDocument,
  { entry, device, lines }: Asked,
  server: Server,
  store: ResultStore,
  report: Report,
  cancel: vscode.CancellationToken,
): Promise<VerifyResult | undefined> {
  const workDoneToken = `diptych-verify-${Date.now()}-${Math.random()}`;
  let reached = 0;
  const listening = await server.onProgress(workDoneToken, (value) => {
    const step: { message?: string; increment?: number } = {};
    if (value.message !== undefined) {
      step.message = value.message;
    }
    if (value.kind !== 'end' && value.percentage !== undefined) {
      step.increment = Math.max(0, value.percentage - reached);
      reached = Math.max(reached, value.percentage);
    }
    report(step);
  });
  const text = source.getText();
  const params: VerifyParams = {
    textDocument: { uri: source.uri.toString() },
    layout: settings.layout(source.uri),
    ...(entry === undefined ? {} : { entry }),
    ...(device === undefined ? {} : { device }),
    ...(lines === undefined ? {} : { lines }),
    workDoneToken,
  };
  try {
    const result = await server.request(verifyRequest, params, cancel);
    store.add(source, result.entries, text, entry === undefined ? undefined : [entry]);
    return result;
  } catch (error) {
    if (cancel.isCancellationRequested && !(error instanceof ServerUnavailable)) {
      return undefined;
    }
    throw error;
  } finally {
    listening.dispose();
  }
}

/** Whether code may be run here; if not, the user is told why and where to change it. */
export async function trusted(): Promise<boolean> {
  if (vscode.workspace.isTrusted) {
    return true;
  }
  const manage = 'Manage Workspace Trust';
  const answer = await vscode.window.showWarningMessage(
    'Verifying runs your code, so it needs a trusted workspace. Converting and reading work without.',
    manage,
  );
  if (answer === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
  return false;
}
