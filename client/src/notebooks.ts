// The commands for notebooks: the twin of one cell below it, or of all cells as a notebook of its own.
import * as vscode from 'vscode';
import { type NotebookConversion, notebookRequest } from './protocol';
import type { Server } from './server';
import { settings } from './settings';
import { summary } from './twins';

/** Adds the twin of a cell below it; one undo takes it away again. */
export async function convertCell(given: unknown, server: Server): Promise<void> {
  const cell = isCell(given) ? given : selectedCell();
  if (cell?.kind !== vscode.NotebookCellKind.Code || cell.document.languageId !== 'python') {
    void vscode.window.showInformationMessage('Choose a cell with Python code first.');
    return;
  }
  const conversion = await ask(cell.document.uri, server);
  const [text = ''] = conversion.cells.map((one) => one.text);
  const edit = new vscode.WorkspaceEdit();
  const twin = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, 'python');
  edit.set(cell.notebook.uri, [vscode.NotebookEdit.insertCells(cell.index + 1, [twin])]);
  await vscode.workspace.applyEdit(edit);
  vscode.window.setStatusBarMessage(`Diptych: ${summary(conversion)}`, 8_000);
}

/** Opens a new notebook beside: text as it is, code in the other framework. */
export async function convertNotebook(server: Server): Promise<vscode.NotebookDocument | undefined> {
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  if (!notebook) {
    void vscode.window.showInformationMessage('Open a notebook first.');
    return undefined;
  }
  const conversion = await ask(notebook.uri, server);
  const texts = new Map(conversion.cells.map(({ uri, text }) => [vscode.Uri.parse(uri).toString(), text]));
  const cells = notebook.getCells().map(({ kind, document, metadata }) => {
    const text = texts.get(document.uri.toString()) ?? document.getText();
    return Object.assign(new vscode.NotebookCellData(kind, text, document.languageId), { metadata });
  });
  const data = Object.assign(new vscode.NotebookData(cells), { metadata: notebook.metadata });
  const twin = await vscode.workspace.openNotebookDocument(notebook.notebookType, data);
  await vscode.window.showNotebookDocument(twin, { viewColumn: vscode.ViewColumn.Beside });
  vscode.window.setStatusBarMessage(`Diptych: ${summary(conversion)}`, 8_000);
  return twin;
}

function ask(uri: vscode.Uri, server: Server): Promise<NotebookConversion> {
  return server.request(notebookRequest, { textDocument: { uri: uri.toString() }, layout: settings.layout(uri) });
}

function selectedCell(): vscode.NotebookCell | undefined {
  const editor = vscode.window.activeNotebookEditor;
  return editor && editor.notebook.cellCount > 0 ? editor.notebook.cellAt(editor.selection.start) : undefined;
}

function isCell(value: unknown): value is vscode.NotebookCell {
  return value instanceof Object && 'notebook' in value && 'document' in value && 'index' in value;
}
