// What the tests inside the extension host share.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

export const EXTENSION = 'diptych.diptych';

export async function openModel(): Promise<vscode.TextEditor> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'a workspace is open');
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, 'model.py'));
  return vscode.window.showTextDocument(document, vscode.ViewColumn.One);
}

/** Waits until `look` gives something, and returns it. */
export async function until<T>(what: string, look: () => T | undefined | false, patience = 240_000): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    const value = look();
    if (value) {
      return value;
    }
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function visible(scheme: string): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme === scheme);
}

export function lineOf(document: vscode.TextDocument, text: string): number {
  const offset = document.getText().indexOf(text);
  assert.ok(offset >= 0, `${text} is in the document`);
  return document.positionAt(offset).line;
}
