// Twins that are kept as files. What a person has changed in one since it was written is never overwritten: it is merged.
import { createHash } from 'node:crypto';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { fate } from './fate';
import { type Conversion, convertRequest, frameworkTitle } from './protocol';
import type { Server } from './server';
import { settings } from './settings';
import { SCHEME, summary, twinUri } from './twins';

/** The new twin as one side of a merge. */
const NEW_SCHEME = `${SCHEME}-new`;

export class Keeping implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly merging = new Map<string, vscode.Disposable>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(NEW_SCHEME, this);

  constructor(
    private readonly server: Server,
    /** Where the texts that were written are remembered, so that changes to them can be told. */
    private readonly storage: vscode.Uri,
  ) {}

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  dispose(): void {
    this.registration.dispose();
    for (const one of this.merging.values()) {
      one.dispose();
    }
  }

  /** Asks for a name and writes the twin there, unless a person's changes would be lost. */
  async saveAs(source: vscode.TextDocument, chosen?: vscode.Uri): Promise<vscode.Uri | undefined> {
    const conversion = await this.convert(source);
    const { dir, name } = path.posix.parse(source.uri.path);
    const target =
      chosen ??
      (await vscode.window.showSaveDialog({
        title: 'Save Twin As',
        defaultUri: source.uri.with({ scheme: 'file', path: path.posix.join(dir, `${name}_${conversion.to}.py`) }),
        filters: { Python: ['py'] },
      }));
    if (!target) {
      return undefined;
    }
    if (target.toString() === source.uri.toString()) {
      throw new Error('That is the source itself. "Diptych: Replace With Twin" does that, and can be undone.');
    }
    const present = await this.present(target);
    const written = await this.read(this.memory(target));
    switch (fate({ present, written, twin: conversion.twin })) {
      case 'write':
        await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(conversion.twin));
        await this.remember(target, conversion.twin);
        break;
      case 'same':
        await this.remember(target, conversion.twin);
        break;
      case 'merge':
        await this.offer(target, conversion, written);
        return undefined;
    }
    await vscode.window.showTextDocument(target, { viewColumn: vscode.ViewColumn.Beside, preview: false });
    vscode.window.setStatusBarMessage(`Diptych: ${summary(conversion)}`, 8_000);
    return target;
  }

  /** Puts the twin in place of the source, as one edit that one undo takes back. */
  async replace(source: vscode.TextDocument): Promise<void> {
    const { version } = source;
    const conversion = await this.convert(source);
    if (source.version !== version) {
      throw new Error('The file was edited meanwhile. Nothing was replaced; try again.');
    }
    const edit = new vscode.WorkspaceEdit();
    const all = new vscode.Range(new vscode.Position(0, 0), source.lineAt(source.lineCount - 1).range.end);
    edit.replace(source.uri, all, conversion.twin);
    if (!(await vscode.workspace.applyEdit(edit))) {
      throw new Error('The editor did not accept the edit. Is the file read-only?');
    }
    vscode.window.setStatusBarMessage(`Diptych: ${summary(conversion)}. Undo brings the source back.`, 8_000);
  }

  /** The source on the left and its live twin on the right, compared line by line. */
  async diff(source: vscode.TextDocument): Promise<void> {
    const { framework, to } = await this.convert(source);
    const title = `${path.posix.basename(source.uri.path)}: ${frameworkTitle(framework)} ↔ ${frameworkTitle(to)}`;
    await vscode.commands.executeCommand('vscode.diff', source.uri, twinUri(source.uri), title);
  }

  private convert(source: vscode.TextDocument): Promise<Conversion> {
    const params = { textDocument: { uri: source.uri.toString() }, layout: settings.layout(source.uri) };
    return this.server.request(convertRequest, params);
  }

  private async offer(target: vscode.Uri, { twin, to }: Conversion, written: string | undefined): Promise<void> {
    const name = path.posix.basename(target.path);
    const fresh = vscode.Uri.from({ scheme: NEW_SCHEME, path: `/new/${name}`, query: target.toString() });
    this.texts.set(fresh.toString(), twin);
    const [merge, compare] = ['Merge', 'Compare'];
    const problem =
      written === undefined
        ? `${name} exists and was not written by Diptych, so it is not overwritten.`
        : `${name} has been edited by hand since Diptych wrote it, so it is not overwritten.`;
    const answer = await vscode.window.showWarningMessage(problem, ...(written === undefined ? [] : [merge]), compare);
    if (answer === compare) {
      await vscode.commands.executeCommand('vscode.diff', target, fresh, `${name} ↔ new ${frameworkTitle(to)} twin`);
    } else if (answer === merge && written !== undefined) {
      const base = vscode.Uri.from({ scheme: NEW_SCHEME, path: `/base/${name}`, query: target.toString() });
      this.texts.set(base.toString(), written);
      const yours = vscode.Uri.from({ scheme: NEW_SCHEME, path: `/yours/${name}`, query: target.toString() });
      this.texts.set(yours.toString(), (await this.present(target)) ?? '');
      await vscode.commands.executeCommand('_open.mergeEditor', {
        base,
        input1: { uri: yours, title: 'Yours', description: 'as edited by hand' },
        input2: { uri: fresh, title: 'New Twin', description: 'of the source as it is now' },
        output: target,
      });
      this.rememberOnceSaved(target, twin);
    }
  }

  /** What is being merged is the base of the next merge only once its result is there: a merge can be left undone. */
  private rememberOnceSaved(target: vscode.Uri, twin: string): void {
    const key = target.toString();
    this.merging.get(key)?.dispose();
    const saved = vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.toString() === key) {
        this.merging.get(key)?.dispose();
        this.merging.delete(key);
        void this.remember(target, twin);
      }
    });
    this.merging.set(key, saved);
  }

  /** The text of a file as it is in its editor, where one has it, or on disk. */
  private async present(target: vscode.Uri): Promise<string | undefined> {
    const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === target.toString());
    return open?.getText() ?? this.read(target);
  }

  private async read(file: vscode.Uri): Promise<string | undefined> {
    try {
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    } catch {
      return undefined;
    }
  }

  private async remember(target: vscode.Uri, text: string): Promise<void> {
    await vscode.workspace.fs.writeFile(this.memory(target), new TextEncoder().encode(text));
  }

  private memory(target: vscode.Uri): vscode.Uri {
    const key = createHash('sha256').update(target.toString()).digest('hex').slice(0, 24);
    return vscode.Uri.joinPath(this.storage, 'written', `${key}.py`);
  }
}
