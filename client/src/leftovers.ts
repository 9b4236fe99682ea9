// Marks in the twin what was left as it was or converted on an assumption. In the source the server's diagnostics do this.
import * as vscode from 'vscode';
import { Marks } from './marks';
import type { Leftover } from './protocol';
import { sourceOfTwin, type Twin, type Twins, twinUri } from './twins';

type Severity = Leftover['severity'];

export class LeftoverMarks implements vscode.Disposable {
  private readonly marks: Record<Severity, Marks> = {
    error: markType('editorError.foreground', 'diffEditor.removedLineBackground'),
    warning: markType('editorInfo.foreground', undefined),
  };
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly twins: Twins) {
    this.subscriptions = [
      twins.onDidConvert((twin) => this.draw(twin)),
      // The twin's new text arrives in its editor after the conversion itself.
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.drawFor(document.uri)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors) {
          this.drawFor(document.uri);
        }
      }),
      ...Object.values(this.marks),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private drawFor(uri: vscode.Uri): void {
    const source = sourceOfTwin(uri);
    const twin = source && this.twins.get(source);
    if (twin) {
      this.draw(twin);
    }
  }

  private draw({ source, conversion, lines }: Twin): void {
    const address = twinUri(source).toString();
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document.uri.toString() !== address) {
        continue;
      }
      for (const severity of ['error', 'warning'] as const) {
        const left = (conversion?.leftovers ?? []).filter((leftover) => leftover.severity === severity);
        this.marks[severity].draw(
          editor,
          left.flatMap((leftover) => {
            const line = lines.toTwin(leftover.line - 1)?.first;
            return line === undefined || line >= editor.document.lineCount
              ? []
              : [mark(editor.document, line, leftover)];
          }),
        );
      }
    }
  }
}

function mark(
  document: vscode.TextDocument,
  line: number,
  { api, reason, severity }: Leftover,
): vscode.DecorationOptions {
  const { text, range, firstNonWhitespaceCharacterIndex: indent } = document.lineAt(line);
  // The very call where it still stands in the twin, else the whole statement.
  const at = text.indexOf(api);
  const place =
    at >= 0
      ? new vscode.Range(line, at, line, at + api.length)
      : new vscode.Range(line, indent, line, range.end.character);
  const title = severity === 'error' ? 'Left as written' : 'Assumption';
  const hoverMessage = new vscode.MarkdownString().appendMarkdown(`**${title}** \`${api}\`\n\n`).appendText(reason);
  return { range: place, hoverMessage };
}

function markType(color: string, background: string | undefined): Marks {
  const type = vscode.window.createTextEditorDecorationType({
    overviewRulerColor: new vscode.ThemeColor(color),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
    borderColor: new vscode.ThemeColor(color),
    borderStyle: 'none none dotted none',
    borderWidth: '2px',
    ...(background ? { backgroundColor: new vscode.ThemeColor(background) } : {}),
  });
  return new Marks(type);
}
