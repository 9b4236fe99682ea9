// Functions and classes that have a twin, as tests: run and cancelled like any other, their verdicts where tests' results are.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { apart, described } from './apart';
import type { Frameworks } from './frameworks';
import { convertRequest, type Device, type EntryVerdict, type VerifyResult } from './protocol';
import type { ResultStore } from './results';
import { messageOf, type Server, ServerUnavailable } from './server';
import { settings } from './settings';
import { count, explanation, SYMBOLS, worst } from './verdicts';
import { type Asked, type Report, trusted, verify } from './verify';

/** How long a text must rest before its tests are looked for. */
const PAUSE = 600;
const USES_A_FRAMEWORK = /^\s*(import|from)\s+(torch|tensorflow|keras)\b/m;
const PROFILES: readonly [string, Device][] = [
  ['Verify', 'auto'],
  ['Verify on the CPU', 'cpu'],
  ['Verify on the GPU', 'cuda'],
];

export class Tests implements vscode.Disposable {
  readonly controller = vscode.tests.createTestController('diptych', 'Diptych');
  private readonly pauses = new Map<string, NodeJS.Timeout>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly store: ResultStore,
    private readonly frameworks: Frameworks,
  ) {
    this.controller.resolveHandler = (item) => (item ? this.refresh(item.uri) : this.lookAround());
    this.controller.refreshHandler = () => this.lookAround();
    for (const [label, device] of PROFILES) {
      this.controller.createRunProfile(
        label,
        vscode.TestRunProfileKind.Run,
        (request, cancel) => this.run(request, device, cancel),
        device === 'auto',
      );
    }
    this.subscriptions = [
      this.controller,
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length) {
          this.soon(document);
        }
      }),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors) {
          if (!this.controller.items.get(document.uri.toString())) {
            this.soon(document, 0);
          }
        }
      }),
      server.onDidChangeState(({ kind }) => {
        if (kind === 'ready') {
          for (const { document } of vscode.window.visibleTextEditors) {
            this.soon(document, 0);
          }
        }
      }),
      store.onDidChangeResults(({ source, judged }) => {
        const file = this.controller.items.get(source.toString());
        const stale = judged.filter((one) => one.stale).map(({ entry }) => file?.children.get(entry.entry));
        const items = stale.filter((item) => item !== undefined);
        if (items.length) {
          this.controller.invalidateTestResults(items);
        }
      }),
      vscode.workspace.onDidDeleteFiles(({ files }) => {
        for (const file of files) {
          this.controller.items.delete(file.toString());
        }
      }),
    ];
  }

  dispose(): void {
    for (const pause of this.pauses.values()) {
      clearTimeout(pause);
    }
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Verifies a file or one entry of it, with progress in a notification: what commands and links do. */
  async verify(source: vscode.TextDocument, asked: Asked): Promise<VerifyResult | undefined> {
    if (!(await this.mayRun())) {
      return undefined;
    }
    const name = asked.entry ?? path.posix.basename(source.uri.path);
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: `Diptych: verifying ${name}`,
      cancellable: true,
    };
    await this.refresh(source.uri);
    const file = this.controller.items.get(source.uri.toString());
    const wanted = asked.entry === undefined ? file : file?.children.get(asked.entry);
    const request = new vscode.TestRunRequest(wanted ? [wanted] : undefined);
    const run = this.controller.createTestRun(request, name);
    try {
      const result = await vscode.window.withProgress(options, (progress, cancel) =>
        this.verifyInto(run, source, asked, (step) => progress.report(step), either(cancel, run.token)),
      );
      if (result) {
        void this.announce(source, result, name);
      }
      return result;
    } catch (error) {
      this.server.log.error(`Verifying ${name}: ${messageOf(error)}`);
      void vscode.window.showErrorMessage(`Diptych could not verify ${name}: ${messageOf(error)}`);
      return undefined;
    } finally {
      run.end();
    }
  }

  /** The entries of a file as it stands now. */
  async entries(source: vscode.TextDocument): Promise<vscode.TestItem[]> {
    await this.refresh(source.uri);
    const file = this.controller.items.get(source.uri.toString());
    return file ? children(file) : [];
  }

  /** What the test explorer and the gutter ask for. */
  private async run(request: vscode.TestRunRequest, device: Device, cancel: vscode.CancellationToken): Promise<void> {
    const run = this.controller.createTestRun(request);
    try {
      if (!(await this.mayRun())) {
        return;
      }
      for (const { file, entry } of this.wanted(request)) {
        if (cancel.isCancellationRequested || !file.uri) {
          return;
        }
        const source = await vscode.workspace.openTextDocument(file.uri);
        await this.refresh(file.uri);
        const asked = { device, ...(entry === undefined ? {} : { entry }) };
        try {
          await this.verifyInto(run, source, asked, () => undefined, cancel);
        } catch (error) {
          this.server.log.error(`Verifying ${file.label}: ${messageOf(error)}`);
          for (const item of entry === undefined ? children(file) : [file.children.get(entry)]) {
            if (item) {
              run.errored(item, new vscode.TestMessage(messageOf(error)));
            }
          }
        }
      }
    } finally {
      run.end();
    }
  }

  /** Whether code may be run, and can be. */
  private async mayRun(): Promise<boolean> {
    if (!(await trusted()) || !(await this.frameworks.ensure())) {
      return false;
    }
    await this.server.ready();
    await this.server.tellHolders();
    return true;
  }

  private async verifyInto(
    run: vscode.TestRun,
    source: vscode.TextDocument,
    asked: Asked,
    report: Report,
    cancel: vscode.CancellationToken,
  ): Promise<VerifyResult | undefined> {
    const items = this.controller.items.get(source.uri.toString())?.children;
    items?.forEach((item) => {
      if (asked.entry === undefined || item.id === asked.entry) {
        run.started(item);
      }
    });
    const result = await verify(source, asked, this.server, this.store, report, cancel);
    for (const verdict of result?.entries ?? []) {
      const item = items?.get(verdict.entry);
      if (item) {
        tell(run, item, verdict);
      }
    }
    return result;
  }

  /** The files of a request, each whole or with one of its entries. */
  private *wanted({ include, exclude }: vscode.TestRunRequest): Generator<{ file: vscode.TestItem; entry?: string }> {
    const left = new Set(exclude);
    for (const item of include ?? [...this.controller.items].map(([, file]) => file)) {
      if (left.has(item)) {
        continue;
      }
      if (item.parent) {
        yield { file: item.parent, entry: item.id };
      } else if (children(item).some((child) => left.has(child))) {
        for (const child of children(item).filter((child) => !left.has(child))) {
          yield { file: item, entry: child.id };
        }
      } else {
        yield { file: item };
      }
    }
  }

  private async announce(source: vscode.TextDocument, { entries }: VerifyResult, name: string): Promise<void> {
    const text = entries.length ? `${name}: ${count(entries)}.` : `${name}: found nothing that could be run.`;
    const bad = worst(entries) === 'differs';
    const tell = bad ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    const parted = entries.find(({ divergence }) => divergence?.source);
    const [where, results] = ['Show First Divergence', 'Show Results'];
    if (parted?.divergence?.source) {
      const line = Math.min(parted.divergence.source.line, source.lineCount) - 1;
      for (const editor of vscode.window.visibleTextEditors.filter(({ document }) => document === source)) {
        const place = new vscode.Range(line, 0, line, 0);
        editor.revealRange(place, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
      }
    }
    const answer = await tell(text, ...(parted ? [where] : []), results);
    if (answer === results) {
      await this.store.show(source.uri);
    } else if (answer === where) {
      await vscode.commands.executeCommand('diptych.showDivergence', source.uri.toString(), parted?.entry);
    }
  }

  private soon(document: vscode.TextDocument, pause = PAUSE): void {
    const key = document.uri.toString();
    clearTimeout(this.pauses.get(key));
    if (document.languageId === 'python' && ['file', 'untitled'].includes(document.uri.scheme)) {
      this.pauses.set(
        key,
        setTimeout(() => {
          this.pauses.delete(key);
          void this.refresh(document.uri);
        }, pause),
      );
    }
  }

  /** Brings the tests of one file up to date. A text that does not parse keeps those that it had. */
  private async refresh(uri: vscode.Uri | undefined): Promise<void> {
    const source = uri && (await vscode.workspace.openTextDocument(uri));
    if (!source || !USES_A_FRAMEWORK.test(source.getText())) {
      this.controller.items.delete(uri?.toString() ?? '');
      return;
    }
    const params = { textDocument: { uri: source.uri.toString() }, layout: settings.layout(source.uri) };
    try {
      const { entries } = await this.server.request(convertRequest, params);
      const file = this.fileItem(source.uri);
      file.children.replace(
        entries.map(({ name, line }) => {
          const item = file.children.get(name) ?? this.controller.createTestItem(name, name, source.uri);
          item.range = source.lineAt(Math.min(line, source.lineCount) - 1).range;
          return item;
        }),
      );
    } catch (error) {
      if (!(error instanceof ServerUnavailable)) {
        this.server.log.debug(`Looking for tests in ${source.uri.fsPath}: ${messageOf(error)}`);
      }
    }
  }

  /** The files of the workspace that use a framework; their entries are found when they are unfolded. */
  private async lookAround(): Promise<void> {
    const found = await vscode.workspace.findFiles('**/*.py', '**/{.*,node_modules,venv,site-packages}/**', 1000);
    for (const uri of found) {
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
      if (USES_A_FRAMEWORK.test(text)) {
        this.fileItem(uri);
      }
    }
  }

  private fileItem(uri: vscode.Uri): vscode.TestItem {
    const known = this.controller.items.get(uri.toString());
    if (known) {
      return known;
    }
    const item = this.controller.createTestItem(uri.toString(), vscode.workspace.asRelativePath(uri), uri);
    item.canResolveChildren = true;
    this.controller.items.add(item);
    return item;
  }
}

function children(item: vscode.TestItem): vscode.TestItem[] {
  return [...item.children].map(([, child]) => child);
}

/** Writes one verdict into a run. Undecided is no success, and says why. */
function tell(run: vscode.TestRun, item: vscode.TestItem, verdict: EntryVerdict): void {
  const why = explanation(verdict);
  const line = `${SYMBOLS[verdict.verdict]} ${verdict.entry}: ${verdict.verdict}${why ? `: ${why}` : ''}`;
  run.appendOutput(`${line.replace(/\r?\n/g, '\r\n')}\r\n`, undefined, item);
  const milliseconds = typeof verdict.seconds === 'number' ? verdict.seconds * 1000 : undefined;
  const place = item.uri && new vscode.Location(item.uri, lineRange(verdict.line));
  if (verdict.verdict === 'differs') {
    run.failed(item, message(verdict, why, item.uri), milliseconds);
  } else if (verdict.verdict === 'undecided') {
    const undecided = new vscode.TestMessage(`undecided: ${why}`);
    undecided.contextValue = 'diptych';
    run.errored(item, place ? Object.assign(undecided, { location: place }) : undecided, milliseconds);
  } else if (verdict.verdict === 'not verified') {
    run.skipped(item);
  } else {
    run.passed(item, milliseconds);
  }
}

/** The message of a difference, at the line where the sides part if that is known. Its first line stands there, the rest opens. */
function message(verdict: EntryVerdict, why: string, uri: vscode.Uri | undefined): vscode.TestMessage {
  const { divergence } = verdict;
  const text = new vscode.MarkdownString();
  if (divergence) {
    text.appendText(`${verdict.entry}: first apart: ${apart(divergence, 'source')}`).appendMarkdown('\n\n');
  }
  text.appendText(why);
  if (divergence) {
    for (const side of ['source', 'twin'] as const) {
      text.appendMarkdown(`\n\n**${side === 'source' ? 'Source' : 'Twin'}**\n`);
      text.appendCodeblock(described(divergence, side), 'text');
    }
  }
  const told = new vscode.TestMessage(text);
  told.contextValue = 'diptych';
  if (uri) {
    told.location = new vscode.Location(uri, lineRange(divergence?.source?.line ?? verdict.line));
  }
  return told;
}

function lineRange(line: number): vscode.Range {
  return new vscode.Range(Math.max(0, line - 1), 0, Math.max(0, line - 1), 0);
}

/** Cancelled as soon as one of the two is. */
function either(a: vscode.CancellationToken, b: vscode.CancellationToken): vscode.CancellationToken {
  const both = new vscode.CancellationTokenSource();
  for (const token of [a, b]) {
    token.onCancellationRequested(() => both.cancel());
  }
  return both.token;
}
