// Ties source and twin together on screen: they scroll together, and the line under the cursor is marked on the other side.
import * as vscode from 'vscode';
import { Marks } from './marks';
import { settings } from './settings';
import { sourceOfTwin, type Twins, twinUri } from './twins';

/**
 * Where in the window both sides show the same statement: a third down from its top. At the very top, the helpers that a twin
 * begins with would push everything else out of sight.
 */
const LEVEL = 1 / 3;

/** A scroll that we caused ourselves reports back within this time, and must not be answered. */
const ECHO = 200;

export class Linking implements vscode.Disposable {
  private readonly counterpart = new Marks(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor('editor.rangeHighlightBackground'),
    }),
  );
  private readonly moved = new Map<vscode.TextEditor, number>();
  private visible = new Set<vscode.TextDocument>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly twins: Twins) {
    this.subscriptions = [
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.scroll(textEditor)),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.mark(textEditor)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        const opened = editors.filter(({ document }) => sourceOfTwin(document.uri) && !this.visible.has(document));
        this.visible = new Set(editors.map(({ document }) => document));
        for (const { document } of opened) {
          this.follow(document);
        }
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.follow(document)),
      this.counterpart,
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Where a twin has been opened or has new text, its source leads. */
  private follow(twin: vscode.TextDocument): void {
    const source = sourceOfTwin(twin.uri)?.toString();
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === source);
    if (editor) {
      this.scroll(editor);
      this.mark(editor);
    }
  }

  private scroll(editor: vscode.TextEditor): void {
    const other = this.otherSide(editor);
    const [range] = editor.visibleRanges;
    if (!other || !range || !settings.linkScrolling()) {
      return;
    }
    if (Date.now() - (this.moved.get(editor) ?? 0) < ECHO) {
      return;
    }
    const { lines } = other.twin;
    const level = Math.floor((range.end.line - range.start.line) * LEVEL);
    const shared = range.start.line + level;
    const target = Math.max(
      0,
      Math.round(other.isTwin ? lines.scrollToTwin(shared) : lines.scrollToSource(shared)) - level,
    );
    const [shown] = other.editor.visibleRanges;
    const all = shown?.start.line === 0 && shown.end.line >= other.editor.document.lineCount - 1;
    if (all || shown?.start.line === target) {
      return;
    }
    const line = Math.max(0, Math.min(target + linesAbove(other.editor), other.editor.document.lineCount - 1));
    this.moved.set(other.editor, Date.now());
    other.editor.revealRange(new vscode.Range(line, 0, line, 0), vscode.TextEditorRevealType.AtTop);
  }

  private mark(editor: vscode.TextEditor): void {
    if (editor !== vscode.window.activeTextEditor) {
      return;
    }
    const other = this.otherSide(editor);
    if (!other) {
      return;
    }
    this.counterpart.draw(editor, []);
    const line = editor.selection.active.line;
    const span = other.isTwin ? other.twin.lines.toTwin(line) : other.twin.lines.toSource(line);
    const last = other.editor.document.lineCount - 1;
    const range = span && new vscode.Range(Math.min(span.first, last), 0, Math.min(span.last, last), 0);
    this.counterpart.draw(other.editor, range ? [{ range }] : []);
  }

  private otherSide(editor: vscode.TextEditor) {
    const { uri } = editor.document;
    const source = sourceOfTwin(uri);
    const twin = this.twins.get(source ?? uri);
    const address = (source ?? twinUri(uri)).toString();
    const other = twin && vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === address);
    return other ? { editor: other, twin, isTwin: !source } : undefined;
  }
}

/** How many lines the editor keeps above a line that is revealed "at the top". */
function linesAbove(editor: vscode.TextEditor): number {
  const options = vscode.workspace.getConfiguration('editor', editor.document);
  const sticky = options.get('stickyScroll.enabled', true) ? options.get('stickyScroll.maxLineCount', 5) : 0;
  return Math.max(sticky, options.get('cursorSurroundingLines', 0));
}
