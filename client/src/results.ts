// Keeps the last results of each file, marks them at their lines, and shows them as a document.
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { EntryVerdict, Verdict } from './protocol';
import { report } from './report';
import { settings } from './settings';
import { explanation, SYMBOLS, VERDICTS } from './verdicts';

const RESULTS_SCHEME = 'diptych-results';
const ICONS: Record<Verdict | 'stale', string> = {
  identical: 'equal',
  'equal within rounding': 'equal',
  differs: 'differs',
  undecided: 'undecided',
  'not verified': 'unverified',
  stale: 'stale',
};

export interface Results {
  source: vscode.Uri;
  entries: readonly EntryVerdict[];
  finished: Date;
  stale: boolean;
}

export class ResultStore implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly reportChanged = new vscode.EventEmitter<vscode.Uri>();
  /** For the documents that this provides. */
  readonly onDidChange = this.reportChanged.event;
  private readonly changed = new vscode.EventEmitter<Results>();
  readonly onDidChangeResults = this.changed.event;
  private readonly results = new Map<string, Results>();
  private readonly marks: Record<Verdict | 'stale', vscode.TextEditorDecorationType>;
  private readonly subscriptions: vscode.Disposable[];

  constructor(extension: vscode.Uri) {
    this.marks = Object.fromEntries(
      Object.entries(ICONS).map(([verdict, icon]) => [
        verdict,
        vscode.window.createTextEditorDecorationType({
          gutterIconPath: vscode.Uri.joinPath(extension, 'client', 'images', `${icon}.svg`),
          gutterIconSize: '75%',
          // Typing at the end of the marked line must not carry the mark to a new line.
          rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
          overviewRulerLane: vscode.OverviewRulerLane.Left,
          ...(verdict === 'differs' ? { overviewRulerColor: new vscode.ThemeColor('testing.iconFailed') } : {}),
        }),
      ]),
    ) as Record<Verdict | 'stale', vscode.TextEditorDecorationType>;
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(RESULTS_SCHEME, this),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const results = this.get(document.uri);
        if (results && contentChanges.length) {
          this.set({ ...results, entries: results.entries.map((entry) => follow(entry, contentChanges)), stale: true });
        }
      }),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) {
          this.draw(editor);
        }
      }),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('diptych.verify.inlineVerdicts')) {
          for (const editor of vscode.window.visibleTextEditors) {
            this.draw(editor);
          }
        }
      }),
      ...Object.values(this.marks),
    ];
  }

  get(source: vscode.Uri): Results | undefined {
    return this.results.get(source.toString());
  }

  set(results: Results): void {
    this.results.set(results.source.toString(), results);
    for (const editor of vscode.window.visibleTextEditors) {
      this.draw(editor);
    }
    this.reportChanged.fire(resultsUri(results.source));
    this.changed.fire(results);
  }

  /** Opens the results of a file beside it, rendered. */
  async show(source: vscode.Uri): Promise<void> {
    await vscode.commands.executeCommand('markdown.showPreviewToSide', resultsUri(source));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const results = this.get(vscode.Uri.parse(uri.query));
    if (!results) {
      return '# Diptych results\n\nThere are none yet. Run *Diptych: Verify Outputs* in a Python file.\n';
    }
    return report({ ...results, name: path.posix.basename(results.source.path) });
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions, this.reportChanged, this.changed).dispose();
  }

  private draw(editor: vscode.TextEditor): void {
    const results = this.get(editor.document.uri);
    if (!results) {
      return;
    }
    for (const verdict of [...VERDICTS, 'stale'] as const) {
      const entries = results.entries.filter((entry) => (results.stale ? 'stale' : entry.verdict) === verdict);
      const within = entries.filter(({ line }) => line >= 1 && line <= editor.document.lineCount);
      editor.setDecorations(
        this.marks[verdict],
        within.map((entry) => mark(editor.document, entry, results.stale)),
      );
    }
  }
}

/** The entry at the line where its definition stands after an edit. */
function follow(entry: EntryVerdict, changes: readonly vscode.TextDocumentContentChangeEvent[]): EntryVerdict {
  const moved = changes
    .filter(
      ({ range }) =>
        range.end.line < entry.line - 1 || (range.end.line === entry.line - 1 && range.end.character === 0),
    )
    .reduce((sum, { range, text }) => sum + text.split('\n').length - 1 - (range.end.line - range.start.line), 0);
  return moved ? { ...entry, line: entry.line + moved } : entry;
}

function mark(document: vscode.TextDocument, entry: EntryVerdict, stale: boolean): vscode.DecorationOptions {
  const end = document.lineAt(entry.line - 1).range.end;
  const label = `${SYMBOLS[entry.verdict]} ${entry.verdict}${stale ? ' (stale)' : ''}`;
  const text = explanation(entry).split('\n')[0];
  const hoverMessage = new vscode.MarkdownString(`**${label}**\n\n`).appendText(explanation(entry));
  hoverMessage.appendMarkdown('\n\n[Show Results](command:diptych.showResults)');
  hoverMessage.isTrusted = { enabledCommands: ['diptych.showResults'] };
  const inline: vscode.DecorationInstanceRenderOptions = {
    after: {
      contentText: `  ${label}${text && !stale ? ` · ${text}` : ''}`,
      color: new vscode.ThemeColor(
        entry.verdict === 'differs' && !stale ? 'editorError.foreground' : 'editorCodeLens.foreground',
      ),
      margin: '0 0 0 1em',
    },
  };
  return {
    range: new vscode.Range(end, end),
    hoverMessage,
    ...(settings.inlineVerdicts() ? { renderOptions: inline } : {}),
  };
}

function resultsUri(source: vscode.Uri): vscode.Uri {
  return vscode.Uri.from({ scheme: RESULTS_SCHEME, path: '/Diptych results.md', query: source.toString() });
}
