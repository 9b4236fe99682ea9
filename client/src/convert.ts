// The commands that convert once: a selection into a read-only document beside, a file into a new editable one.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { type Conversion, convertRequest } from './protocol';
import type { Server } from './server';
import { settings } from './settings';
import { SCHEME, summary } from './twins';

/** Holds the last converted selection of each file. Nothing to save, so closing it asks nothing. */
export class Selections implements vscode.TextDocumentContentProvider, vscode.Disposable {
  static readonly scheme = `${SCHEME}-selection`;
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(Selections.scheme, this);

  async show(source: vscode.Uri, text: string): Promise<void> {
    const { name } = path.posix.parse(source.path);
    const uri = vscode.Uri.from({ scheme: Selections.scheme, path: `/${name}.selection.py`, query: source.toString() });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: false,
    });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '# Select some code and run "Diptych: Convert Selection" again.\n';
  }

  dispose(): void {
    vscode.Disposable.from(this.registration, this.changed).dispose();
  }
}

export async function convertSelection(
  editor: vscode.TextEditor,
  server: Server,
  selections: Selections,
): Promise<void> {
  const { document, selection } = editor;
  if (selection.isEmpty) {
    void vscode.window.showInformationMessage('Select the code to convert first.');
    return;
  }
  const { start, end } = selection;
  const range = {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
  const conversion = await server.request(convertRequest, { ...identify(document), range });
  await selections.show(document.uri, conversion.twin);
  vscode.window.setStatusBarMessage(`Diptych: ${summary(conversion)}`, 8_000);
}

export async function convertFile(document: vscode.TextDocument, server: Server): Promise<void> {
  const conversion = await server.request(convertRequest, identify(document));
  const target = await vscode.workspace.openTextDocument(await freeName(document.uri, conversion));
  const edit = new vscode.WorkspaceEdit();
  edit.insert(target.uri, new vscode.Position(0, 0), conversion.twin);
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(target, { viewColumn: vscode.ViewColumn.Beside, preview: false });
  vscode.window.setStatusBarMessage(`Diptych: ${summary(conversion)}`, 8_000);
}

function identify(document: vscode.TextDocument) {
  return { textDocument: { uri: document.uri.toString() }, layout: settings.layout(document.uri) };
}

/** An unsaved document that will be saved beside the source, under a name that is not taken. */
async function freeName(source: vscode.Uri, { to }: Conversion): Promise<vscode.Uri> {
  const { dir, name } = path.posix.parse(source.path);
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : `_${number}`;
    const uri = source.with({ path: path.posix.join(dir, `${name}_${to}${suffix}.py`) });
    const untitled = uri.with({ scheme: 'untitled' });
    const open = vscode.workspace.textDocuments.some((document) => document.uri.toString() === untitled.toString());
    if (!open && !(await exists(uri))) {
      return untitled;
    }
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
