// Keeps the last results of each file, marks them at their lines, and shows them as a document.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { edited, expired, type Judged, merged } from './judged';
import { Marks } from './marks';
import type { EntryVerdict, Verdict } from './protocol';
import { report } from './report';
import { settings } from './settings';
import { explanation, inBrief, SYMBOLS, VERDICTS } from './verdicts';

const RESULTS_SCHEME = 'diptych-results';
const ICONS: Record<Verdict | 'stale', string> = {
  identical: 'equal',
  'equal within rounding': 'equal',
  differs: 'differs',
  undecided: 'undecided',
  'not verified': 'unverified',
  stale: 'stale',
};

const LINKED = [
  'diptych.showDivergence',
  'diptych.verify',
  'diptych.verifyWithInputs',
  'diptych.copyEvidence',
  'diptych.showResults',
] as const;
const WHAT_IS_RUN = ['diptych.twin.layout', 'diptych.verify.torchInterpreter', 'diptych.verify.tensorflowInterpreter'];

export interface Results {
  source: vscode.Uri;
  judged: readonly Judged[];
  finished: Date;
}

export class ResultStore implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly reportChanged = new vscode.EventEmitter<vscode.Uri>();
  /** For the documents that this provides. */
  readonly onDidChange = this.reportChanged.event;
  private readonly changed = new vscode.EventEmitter<Results>();
  readonly onDidChangeResults = this.changed.event;
  private readonly results = new Map<string, Results>();
  private readonly marks: Record<Verdict | 'stale', Marks>;
  private readonly subscriptions: vscode.Disposable[];

  constructor(extension: vscode.Uri) {
    this.marks = Object.fromEntries(
      Object.entries(ICONS).map(([verdict, icon]) => [
        verdict,
        new Marks(
          vscode.window.createTextEditorDecorationType({
            gutterIconPath: vscode.Uri.joinPath(extension, 'client', 'images', `${icon}.svg`),
            gutterIconSize: '75%',
            // Typing at the end of the marked line must not carry the mark to a new line.
            rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
            overviewRulerLane: vscode.OverviewRulerLane.Left,
            ...(verdict === 'differs' ? { overviewRulerColor: new vscode.ThemeColor('testing.iconFailed') } : {}),
          }),
        ),
      ]),
    ) as Record<Verdict | 'stale', Marks>;
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(RESULTS_SCHEME, this),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const results = this.get(document.uri);
        if (results && contentChanges.length) {
          this.set({ ...results, judged: edited(results.judged, contentChanges, document.getText()) });
        }
      }),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) {
          this.draw(editor);
        }
      }),
      vscode.workspace.onDidChangeConfiguration((change) => {
        // The twin is another one, or it is run elsewhere.
        if (WHAT_IS_RUN.some((name) => change.affectsConfiguration(name))) {
          for (const results of this.results.values()) {
            this.set({ ...results, judged: expired(results.judged) });
          }
        }
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

  /** Takes what a run on `text` found; `ran` names the entries it was for, if not all. */
  add(source: vscode.TextDocument, verdicts: readonly EntryVerdict[], text: string, ran?: readonly string[]): void {
    const old = this.get(source.uri)?.judged ?? [];
    const judged = merged(old, verdicts, text, source.getText(), ran);
    this.set({ source: source.uri, judged, finished: new Date() });
  }

  /** The results of a file, or of some of its entries, as Markdown. */
  markdown(source: vscode.Uri, entry?: string): string | undefined {
    const results = this.get(source);
    const judged = (results?.judged ?? []).filter((one) => !entry || one.entry.entry === entry);
    return results && (judged.length || !entry)
      ? report({ name: path.posix.basename(source.path), judged, finished: results.finished })
      : undefined;
  }

  private set(results: Results): void {
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
    return (
      this.markdown(vscode.Uri.parse(uri.query)) ??
      '# Diptych results\n\nThere are none yet. Run *Diptych: Verify Outputs* in a Python file.\n'
    );
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
      const marked = results.judged.filter(({ entry, stale }) => (stale ? 'stale' : entry.verdict) === verdict);
      const within = marked.filter(({ entry: { line } }) => line >= 1 && line <= editor.document.lineCount);
      this.marks[verdict].draw(
        editor,
        within.map((judged) => mark(editor.document, judged)),
      );
    }
  }
}

function mark(document: vscode.TextDocument, { entry, stale }: Judged): vscode.DecorationOptions {
  const end = document.lineAt(entry.line - 1).range.end;
  const label = `${SYMBOLS[entry.verdict]} ${entry.verdict}${stale ? ' (stale)' : ''}`;
  const hoverMessage = new vscode.MarkdownString(`**${label}**\n\n`).appendText(explanation(entry));
  const links = [
    entry.divergence && !stale
      ? link('Show First Divergence', 'diptych.showDivergence', document.uri, entry.entry)
      : '',
    link('Verify Again', 'diptych.verify', document.uri, entry.entry),
    link('Verify Again With My Inputs', 'diptych.verifyWithInputs', document.uri, entry.entry),
    link('Copy Evidence', 'diptych.copyEvidence', document.uri, entry.entry),
    link('Show Results', 'diptych.showResults', document.uri),
  ];
  hoverMessage.appendMarkdown(`\n\n${links.filter(Boolean).join(' · ')}`);
  hoverMessage.isTrusted = { enabledCommands: [...LINKED] };
  const inline: vscode.DecorationInstanceRenderOptions = {
    after: {
      contentText: `  ${stale ? label : `${SYMBOLS[entry.verdict]} ${inBrief(entry)}`}`,
      color: new vscode.ThemeColor(
        stale
          ? 'disabledForeground'
          : entry.verdict === 'differs'
            ? 'editorError.foreground'
            : 'editorCodeLens.foreground',
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

/** A link that runs a command on a file, or on one entry of it. */
function link(title: string, command: (typeof LINKED)[number], source: vscode.Uri, entry?: string): string {
  const values = entry === undefined ? [source.toString()] : [source.toString(), entry];
  return `[${title}](command:${command}?${encodeURIComponent(JSON.stringify(values))})`;
}

function resultsUri(source: vscode.Uri): vscode.Uri {
  return vscode.Uri.from({ scheme: RESULTS_SCHEME, path: '/Diptych results.md', query: source.toString() });
}
