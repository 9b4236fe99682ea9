// The settings that package.json declares, each read in one place.
import * as vscode from 'vscode';
import type { Layout } from './protocol';

function read<T>(name: string, fallback: T, scope?: vscode.Uri): T {
  return vscode.workspace.getConfiguration('diptych', scope).get<T>(name, fallback);
}

export const settings = {
  serverInterpreter: () => read('server.interpreter', '').trim(),
  torchInterpreter: () => read('verify.torchInterpreter', '').trim(),
  tensorflowInterpreter: () => read('verify.tensorflowInterpreter', '').trim(),
  inlineVerdicts: () => read('verify.inlineVerdicts', true),
  twinDelay: () => read('twin.delay', 60),
  linkScrolling: () => read('twin.linkScrolling', true),
  layout: (source: vscode.Uri) => read<Layout>('twin.layout', 'channels-last', source),
};
