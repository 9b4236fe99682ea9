// What the extension and the server found on this machine, as a document.
import * as vscode from 'vscode';
import { doctorRequest } from './protocol';
import { messageOf, type Server } from './server';

export async function showDoctor(server: Server): Promise<void> {
  const report = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: 'Diptych: looking at the interpreters' },
    () => examine(server),
  );
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: report });
  await vscode.window.showTextDocument(document, { preview: true });
}

async function examine(server: Server): Promise<string> {
  await server.start();
  const lines = ['# Diptych Doctor', ''];
  const { state } = server;
  if (state.kind === 'ready') {
    const { path, version, hasDiptych } = state.interpreter;
    lines.push(
      `- Server: running on Python ${version}, \`${path}\`, ${hasDiptych ? 'diptych installed there' : "with the extension's own copy of diptych"}`,
    );
  } else {
    lines.push(`- Server: not running. ${state.kind === 'stopped' ? state.message : ''}`);
  }
  lines.push(`- Workspace: ${vscode.workspace.isTrusted ? 'trusted' : 'not trusted, so nothing is verified'}`);
  for (const { path, reason } of server.rejected) {
    lines.push(`- Not used for the server: \`${path}\`: ${reason}`);
  }
  if (state.kind === 'ready') {
    try {
      lines.push('', '```text', (await server.request0(doctorRequest)).text.trimEnd(), '```');
    } catch (error) {
      lines.push('', `The server's own report failed: ${messageOf(error)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
