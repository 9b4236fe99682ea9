// The commands that convert once: a selection or the clipboard into a read-only document beside, a file into an editable one.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { type Conversion, convertRequest } from './protocol';
import type { Server } from './server';
import { settings } from './settings';
import { dedented } from './text';
import { SCHEME, summary } from './twins';

/** Holds the last converted selection of each file. Nothing to save, so closing it asks nothing. */
export class Selections implements vscode.TextDocumentContentProvider, vscode.Disposable {
  static readonly scheme = `${SCHEME}-selection`;
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(Selections.scheme, this);

  /** `source` is the file that the code is from, if it is from one. */
  async show(text: string, source?: vscode.Uri): Promise<void> {
    const name = source ? `${path.posix.parse(source.path).name}.selection.py` : 'clipboard.py';
    const query = source?.toString() ?? '';
    const uri = vscode.Uri.from({ scheme: Selections.scheme, path: `/${name}`, query });
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
    return this.texts.get(uri.toString()) ?? '# Convert the code again to see it here.\n';
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
  await selections.show(conversion.twin, document.uri);
  vscode.window.setStatusBarMessage(`Diptych: ${summary(conversion)}`, 8_000);
}

/** Shows the twin of what the clipboard holds, and puts it there on demand. */
export async function convertClipboard(server: Server, selections: Selections): Promise<void> {
  const text = await vscode.env.clipboard.readText();
  if (!text.trim()) {
    void vscode.window.showInformationMessage('The clipboard holds no text. Copy some code first.');
    return;
  }
  const conversion = await server.request(convertRequest, { text: dedented(text), layout: settings.layout() });
  await selections.show(conversion.twin);
  const copy = 'Copy Twin';
  if ((await vscode.window.showInformationMessage(`Clipboard: ${summary(conversion)}`, copy)) === copy) {
    await vscode.env.clipboard.writeText(conversion.twin);
  }
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
