// The interpreter that the user chose in Microsoft's Python extension, where that extension is present.
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';

interface PythonApi {
  environments: {
    known: readonly { executable: { uri?: vscode.Uri } }[];
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

const PATIENCE = 5_000;

async function api(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>('ms-python.python');
  if (!extension) {
    return undefined;
  }
  const exports = await withPatience(extension.activate());
  return exports?.environments ? exports : undefined;
}

export async function pythonExtensionInterpreter(): Promise<string | undefined> {
  const python = await api();
  if (!python) {
    return undefined;
  }
  const active = python.environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
  const environment = await withPatience(python.environments.resolveEnvironment(active));
  return environment?.executable.uri?.fsPath;
}

/** The interpreters of all environments that it knows of. */
export async function knownEnvironments(): Promise<string[]> {
  const known = (await api())?.environments.known ?? [];
  return known.map(({ executable }) => executable.uri?.fsPath).filter((file) => file !== undefined);
}

export async function onPythonExtensionChange(listener: () => void): Promise<vscode.Disposable | undefined> {
  return (await api())?.environments.onDidChangeActiveEnvironmentPath(listener);
}

/** The other extension may hang or fail; ours must not. */
async function withPatience<T>(work: Thenable<T>): Promise<T | undefined> {
  try {
    return await Promise.race([work, delay(PATIENCE, undefined, { ref: false })]);
  } catch {
    return undefined;
  }
}
