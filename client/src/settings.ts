// The settings that package.json declares, each read in one place.
import * as vscode from 'vscode';
import type { Framework, Layout } from './protocol';

function read<T>(name: string, fallback: T, scope?: vscode.Uri): T {
  return vscode.workspace.getConfiguration('diptych', scope).get<T>(name, fallback);
}

/** Writes a setting where it is set already, else for the workspace, or for the user where there is none. */
async function write(name: string, value: unknown, scope?: vscode.Uri): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('diptych', scope);
  const { workspaceFolderValue, workspaceValue, globalValue } = configuration.inspect(name) ?? {};
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  const user = (globalValue !== undefined && workspaceValue === undefined) || !vscode.workspace.workspaceFolders;
  await configuration.update(
    name,
    value,
    workspaceFolderValue !== undefined ? WorkspaceFolder : user ? Global : Workspace,
  );
}

/** Interpreters are a matter of the machine, not of a project that others share. */
async function writeForUser(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('diptych').update(name, value, vscode.ConfigurationTarget.Global);
}

export const settings = {
  serverInterpreter: () => read('server.interpreter', '').trim(),
  interpreterOf: (framework: Framework) =>
    (framework === 'torch' ? read('verify.torchInterpreter', '') : read('verify.tensorflowInterpreter', '')).trim(),
  inlineVerdicts: () => read('verify.inlineVerdicts', true),
  twinDelay: () => read('twin.delay', 60),
  linkScrolling: () => read('twin.linkScrolling', true),
  layout: (source?: vscode.Uri) => read<Layout>('twin.layout', 'channels-last', source),
  setServerInterpreter: (file: string) => writeForUser('server.interpreter', file),
  setInterpreterOf: (framework: Framework, file: string) => writeForUser(`verify.${framework}Interpreter`, file),
  setLayout: (layout: Layout, source: vscode.Uri) => write('twin.layout', layout, source),
};
