// The twin: a read-only document beside the source that follows it while it is edited.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { LineMap } from './lines';
import { wait } from './pace';
import { type Conversion, convertRequest, frameworkTitle } from './protocol';
import { messageOf, type Server } from './server';
import { settings } from './settings';

export const SCHEME = 'diptych';

/** Who the twin of a source is, in the address of its document. */
export function twinUri(source: vscode.Uri): vscode.Uri {
  const { dir, name } = path.posix.parse(source.path);
  return vscode.Uri.from({
    scheme: SCHEME,
    path: path.posix.join('/', dir, `${name}.twin.py`),
    query: source.toString(),
  });
}

export function sourceOfTwin(twin: vscode.Uri): vscode.Uri | undefined {
  return twin.scheme === SCHEME && twin.path.endsWith('.twin.py') ? vscode.Uri.parse(twin.query) : undefined;
}

/** What is known of one twin: the last conversion that succeeded and why the newest did not, if so. */
export interface Twin {
  source: vscode.Uri;
  conversion?: Conversion;
  lines: LineMap;
  problem?: string;
}

interface Live extends Twin {
  timer?: NodeJS.Timeout;
  /** What the server is converting now. */
  request?: vscode.CancellationTokenSource;
  /** Whether the source has changed since. */
  outdated?: boolean;
  /** The version of the source that `conversion` or `problem` belongs to. */
  version?: number;
  /** How long the last conversion took, in milliseconds. */
  took?: number;
  /** When the source was changed last. */
  changed?: number;
}

export class Twins implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly textChanged = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.textChanged.event;
  private readonly converted = new vscode.EventEmitter<Twin>();
  /** A twin has a new conversion or a new problem. */
  readonly onDidConvert = this.converted.event;
  private readonly twins = new Map<string, Live>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length) {
          this.follow(document);
        }
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document.uri)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.refreshAll()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('diptych.twin.layout')) {
          this.refreshAll(true);
        }
      }),
      server.onDidChangeState(({ kind }) => {
        if (kind === 'ready') {
          this.refreshAll(true);
        }
      }),
    ];
  }

  get(source: vscode.Uri): Twin | undefined {
    return this.twins.get(source.toString());
  }

  async show(source: vscode.TextDocument): Promise<void> {
    const document = await vscode.workspace.openTextDocument(twinUri(source.uri));
    await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: false,
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string | undefined> {
    const source = sourceOfTwin(uri);
    if (!source) {
      return undefined;
    }
    let twin = this.twins.get(source.toString());
    if (!twin) {
      twin = { source, lines: new LineMap([]) };
      this.twins.set(source.toString(), twin);
      await this.convert(await vscode.workspace.openTextDocument(source), twin);
    }
    return (
      twin.conversion?.twin ??
      `# Diptych has no twin of this file yet.\n# ${(twin.problem ?? '').replace(/\n/g, '\n# ')}\n`
    );
  }

  dispose(): void {
    for (const twin of this.twins.values()) {
      clearTimeout(twin.timer);
      twin.request?.cancel();
    }
    vscode.Disposable.from(...this.subscriptions, this.textChanged, this.converted).dispose();
  }

  private follow(source: vscode.TextDocument): void {
    const twin = this.twins.get(source.uri.toString());
    if (twin) {
      const now = Date.now();
      const rested = twin.changed === undefined ? undefined : now - twin.changed;
      twin.changed = now;
      this.schedule(source, wait({ delay: settings.twinDelay(), took: twin.took, rested }));
    }
  }

  private schedule(source: vscode.TextDocument, delay: number): void {
    const twin = this.twins.get(source.uri.toString());
    if (!twin || !isVisible(twinUri(source.uri))) {
      return;
    }
    clearTimeout(twin.timer);
    twin.timer = setTimeout(() => void this.convert(source, twin), delay);
  }

  /** Brings visible twins up to date: those whose source has changed since, or all. */
  private refreshAll(force = false): void {
    for (const twin of this.twins.values()) {
      const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === twin.source.toString());
      if (document && (force || (twin.version !== undefined && twin.version !== document.version && !twin.timer))) {
        this.schedule(document, 0);
      }
    }
  }

  private async convert(source: vscode.TextDocument, twin: Live): Promise<void> {
    delete twin.timer;
    if (twin.request) {
      // The server could not stop halfway: two at once would only be slower.
      twin.outdated = true;
      return;
    }
    const request = new vscode.CancellationTokenSource();
    twin.request = request;
    const { version } = source;
    const began = Date.now();
    try {
      const params = { textDocument: { uri: source.uri.toString() }, layout: settings.layout(source.uri) };
      const conversion = await this.server.request(convertRequest, params, request.token);
      twin.conversion = conversion;
      twin.lines = new LineMap(conversion.lines);
      twin.took = Date.now() - began;
      delete twin.problem;
    } catch (error) {
      twin.problem = messageOf(error);
    } finally {
      delete twin.request;
      request.dispose();
    }
    if (this.twins.get(source.uri.toString()) !== twin) {
      return;
    }
    twin.version = version;
    this.textChanged.fire(twinUri(source.uri));
    // The text goes to the window first, and then what is drawn beside it.
    setImmediate(() => this.converted.fire(twin));
    if (twin.outdated) {
      delete twin.outdated;
      this.schedule(source, 0);
    }
  }

  private forget(closed: vscode.Uri): void {
    const source = sourceOfTwin(closed)?.toString();
    const twin = source === undefined ? undefined : this.twins.get(source);
    if (source !== undefined && twin) {
      clearTimeout(twin.timer);
      twin.request?.cancel();
      this.twins.delete(source);
    }
  }
}

/** The other order of axes for images; the live twin follows the setting. */
export async function switchLayout(source: vscode.Uri): Promise<void> {
  const layout = settings.layout(source) === 'preserve' ? 'channels-last' : 'preserve';
  await settings.setLayout(layout, source);
  const told = layout === 'preserve' ? "the source's own order of axes" : 'channels last in TensorFlow';
  vscode.window.setStatusBarMessage(`Diptych: ${told}.`, 5_000);
}

function isVisible(uri: vscode.Uri): boolean {
  return vscode.window.visibleTextEditors.some(({ document }) => document.uri.toString() === uri.toString());
}

/** One line about a conversion: direction, what was left as it was, what was assumed. */
export function summary({ framework, to, leftovers }: Pick<Conversion, 'framework' | 'to' | 'leftovers'>): string {
  const left = leftovers.filter(({ severity }) => severity === 'error').length;
  const assumed = leftovers.length - left;
  const parts = [`${frameworkTitle(framework)} → ${frameworkTitle(to)}`];
  parts.push(left ? `${left} ${left === 1 ? 'place' : 'places'} left as written` : 'everything converted');
  if (assumed) {
    parts.push(`${assumed} ${assumed === 1 ? 'assumption' : 'assumptions'}`);
  }
  return parts.join(' · ');
}
