// The first place where source and twin part, marked at its lines on both sides with both values.
import * as vscode from 'vscode';
import { apart, type Side } from './apart';
import { Marks } from './marks';
import type { ResultStore } from './results';
import { sourceOfTwin, type Twins } from './twins';

export class DivergenceMarks implements vscode.Disposable {
  private readonly marks = new Marks(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor('diffEditor.removedLineBackground'),
      overviewRulerColor: new vscode.ThemeColor('editorError.foreground'),
      overviewRulerLane: vscode.OverviewRulerLane.Full,
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    }),
  );
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly store: ResultStore,
    twins: Twins,
  ) {
    const drawAll = () => {
      for (const editor of vscode.window.visibleTextEditors) {
        this.draw(editor);
      }
    };
    this.subscriptions = [
      store.onDidChangeResults(drawAll),
      twins.onDidConvert(drawAll),
      vscode.window.onDidChangeVisibleTextEditors(drawAll),
      this.marks,
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Draws what still holds: after an edit the line may be another one. */
  private draw(editor: vscode.TextEditor): void {
    const source = sourceOfTwin(editor.document.uri);
    const side: Side = source ? 'twin' : 'source';
    const results = this.store.get(source ?? editor.document.uri);
    const found = (results?.judged ?? []).flatMap(({ entry, stale }) => {
      const place = entry.divergence?.[side];
      return stale || !entry.divergence || !place || place.line > editor.document.lineCount
        ? []
        : [{ line: place.line - 1, entry: entry.entry, divergence: entry.divergence }];
    });
    this.marks.draw(
      editor,
      found.map(({ line, entry, divergence }) => {
        const hoverMessage = new vscode.MarkdownString(`**First divergence of** \`${entry}\`\n\n`);
        hoverMessage.appendText(divergence.text);
        for (const cause of divergence.causes) {
          hoverMessage.appendText(`\n\nLikely: ${cause}`);
        }
        return {
          range: editor.document.lineAt(line).range,
          hoverMessage,
          renderOptions: {
            after: {
              contentText: `← first apart: ${apart(divergence, side)}`,
              color: new vscode.ThemeColor('editorError.foreground'),
              margin: '0 0 0 1em',
            },
          },
        };
      }),
    );
  }
}

/** Brings the line where an entry parts from its twin into view, on both sides, and puts the cursor there. */
export async function showDivergence(
  source: vscode.TextDocument,
  entry: string | undefined,
  store: ResultStore,
  twins: Twins,
): Promise<void> {
  const found = store
    .get(source.uri)
    ?.judged.find((judged) => judged.entry.divergence && (!entry || judged.entry.entry === entry));
  const divergence = found?.entry.divergence;
  if (!divergence) {
    void vscode.window.showInformationMessage('No verdict of this file has a divergence to show.');
    return;
  }
  const line = Math.min((divergence.source?.line ?? found.entry.line) - 1, source.lineCount - 1);
  const place = new vscode.Range(line, 0, line, 0);
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document === source);
  const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.One;
  await vscode.window.showTextDocument(source, { viewColumn, selection: place, preview: false });
  await twins.show(source);
}
