// Why a call was left as it is, and the draft of a rule for it.
import * as vscode from 'vscode';
import type { Pages } from './pages';
import { convertRequest, draftRuleRequest, explainRequest, type Leftover } from './protocol';
import type { Server } from './server';
import { settings } from './settings';
import { sourceOfTwin, type Twins } from './twins';

export class Why {
  constructor(
    private readonly server: Server,
    private readonly twins: Twins,
    private readonly pages: Pages,
  ) {}

  /** Shows why, with the rules that come nearest; returns the text. */
  async explain(source: vscode.TextDocument): Promise<string | undefined> {
    const place = await this.place(source, 'Why Not?');
    if (!place) {
      return undefined;
    }
    const { text } = await this.server.request(explainRequest, place);
    await this.pages.show('Why Not', text, true);
    return text;
  }

  /** Begins a rule in the folder's `.diptych/rules` and opens it. */
  async draft(source: vscode.TextDocument): Promise<vscode.Uri | undefined> {
    const place = await this.place(source, 'Draft a Rule For…');
    if (!place) {
      return undefined;
    }
    const uri = vscode.Uri.parse((await this.server.request(draftRuleRequest, place)).uri);
    await vscode.window.showTextDocument(uri, { preview: false });
    return uri;
  }

  /** The leftover at the cursor, in the source or in its twin; else the user chooses one. */
  private async place(source: vscode.TextDocument, title: string) {
    const textDocument = { uri: source.uri.toString() };
    const { leftovers } = await this.server.request(convertRequest, {
      textDocument,
      layout: settings.layout(source.uri),
    });
    const left = leftovers.filter(({ severity }) => severity === 'error');
    if (!left.length) {
      void vscode.window.showInformationMessage('Everything in this file is converted.');
      return undefined;
    }
    const chosen = this.atCursor(source, left) ?? (await choose(left, title));
    return chosen && { textDocument, position: source.validatePosition(positionOf(chosen)) };
  }

  private atCursor(source: vscode.TextDocument, left: readonly Leftover[]): Leftover | undefined {
    const editor = vscode.window.activeTextEditor;
    if (!editor) {
      return undefined;
    }
    const { line } = editor.selection.active;
    if (editor.document === source) {
      return left.find((leftover) => leftover.line - 1 <= line && line < leftover.end_line);
    }
    const ofTwin = sourceOfTwin(editor.document.uri)?.toString() === source.uri.toString();
    const span = ofTwin ? this.twins.get(source.uri)?.lines.toSource(line) : undefined;
    return span && left.find((leftover) => span.first <= leftover.line - 1 && leftover.line - 1 <= span.last);
  }
}

async function choose(left: readonly Leftover[], title: string): Promise<Leftover | undefined> {
  const picks = left.map((leftover) => ({
    label: leftover.api,
    description: `line ${leftover.line}`,
    detail: leftover.reason,
    leftover,
  }));
  return picks.length === 1 ? picks[0]?.leftover : (await vscode.window.showQuickPick(picks, { title }))?.leftover;
}

function positionOf({ line, column }: Leftover): vscode.Position {
  return new vscode.Position(line - 1, column);
}
