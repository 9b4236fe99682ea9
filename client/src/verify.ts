// The command that runs both sides. It is the only one that executes the user's code, so it insists on trust.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { ResponseError, WorkDoneProgress } from 'vscode-languageclient/node';
import { type VerifyResult, verifyRequest } from './protocol';
import type { ResultStore } from './results';
import { messageOf, type Server } from './server';
import { count, worst } from './verdicts';

export async function verify(
  source: vscode.TextDocument,
  server: Server,
  store: ResultStore,
): Promise<VerifyResult | undefined> {
  if (!vscode.workspace.isTrusted) {
    await explainTrust();
    return undefined;
  }
  const name = path.posix.basename(source.uri.path);
  const location = vscode.ProgressLocation.Notification;
  const { version } = source;
  try {
    const result = await vscode.window.withProgress(
      { location, title: `Diptych: verifying ${name}`, cancellable: true },
      (progress, cancel) => run(source, server, progress, cancel),
    );
    if (!result) {
      return undefined;
    }
    store.set({ source: source.uri, entries: result.entries, finished: new Date(), stale: source.version !== version });
    void announce(result, name, () => store.show(source.uri));
    return result;
  } catch (error) {
    server.log.error(`Verifying ${name}: ${messageOf(error)}`);
    void vscode.window.showErrorMessage(`Diptych could not verify ${name}: ${messageOf(error)}`);
    return undefined;
  }
}

async function run(
  source: vscode.TextDocument,
  server: Server,
  progress: vscode.Progress<{ message?: string; increment?: number }>,
  cancel: vscode.CancellationToken,
): Promise<VerifyResult | undefined> {
  const client = await server.ready();
  const workDoneToken = `diptych-verify-${Date.now()}`;
  let reached = 0;
  const listening = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
    const step: { message?: string; increment?: number } = {};
    if (value.message !== undefined) {
      step.message = value.message;
    }
    if (value.kind !== 'end' && value.percentage !== undefined) {
      step.increment = Math.max(0, value.percentage - reached);
      reached = Math.max(reached, value.percentage);
    }
    progress.report(step);
  });
  try {
    return await server.request(verifyRequest, { textDocument: { uri: source.uri.toString() }, workDoneToken }, cancel);
  } catch (error) {
    if (cancel.isCancellationRequested && error instanceof ResponseError) {
      return undefined;
    }
    throw error;
  } finally {
    listening.dispose();
  }
}

async function announce({ entries }: VerifyResult, name: string, show: () => Promise<void>): Promise<void> {
  const text = entries.length ? `${name}: ${count(entries)}.` : `${name}: found nothing that could be run.`;
  const bad = worst(entries) === 'differs';
  const tell = bad ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  if (await tell(text, 'Show Results')) {
    await show();
  }
}

async function explainTrust(): Promise<void> {
  const manage = 'Manage Workspace Trust';
  const answer = await vscode.window.showWarningMessage(
    'Verify Outputs runs your code, so it needs a trusted workspace. Converting and reading work without.',
    manage,
  );
  if (answer === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
}
