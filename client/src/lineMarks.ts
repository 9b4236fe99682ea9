// After a run that compared line by line: what each line assigned, and how far the sides are apart there, at its end.
import * as vscode from 'vscode';
import { told } from './apart';
import { Marks } from './marks';
import type { LinePair } from './protocol';
import type { ResultStore } from './results';

export class LineMarks implements vscode.Disposable {
  private readonly marks = new Marks(
    vscode.window.createTextEditorDecorationType({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    }),
  );
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly store: ResultStore) {
    const drawAll = () => {
      for (const editor of vscode.window.visibleTextEditors) {
        this.draw(editor);
      }
    };
    this.subscriptions = [
      store.onDidChangeResults(drawAll),
      vscode.window.onDidChangeVisibleTextEditors(drawAll),
      this.marks,
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private draw(editor: vscode.TextEditor): void {
    const judged = this.store.get(editor.document.uri)?.judged ?? [];
    const pairs = new Map<number, LinePair[]>();
    for (const { entry, stale } of judged) {
      // The marks of the verdict and of the first divergence stand at the end of their lines already.
      const taken = judged.flatMap(({ entry: { line, divergence } }) => [line, divergence?.source?.line]);
      for (const pair of stale ? [] : (entry.lines ?? [])) {
        const { line } = pair.source;
        if (line <= editor.document.lineCount && !taken.includes(line)) {
          pairs.set(line, [...(pairs.get(line) ?? []), pair]);
        }
      }
    }
    this.marks.draw(
      editor,
      [...pairs].map(([line, found]) => {
        const end = editor.document.lineAt(line - 1).range.end;
        const differs = found.some(({ status }) => status === 'differs');
        const color = new vscode.ThemeColor(differs ? 'editorError.foreground' : 'editorCodeLens.foreground');
        const after = { contentText: `  ${found.map(told).join(' · ')}`, color, margin: '0 0 0 1em' };
        return { range: new vscode.Range(end, end), renderOptions: { after } };
      }),
    );
  }
}
