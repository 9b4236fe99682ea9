// Owns the language server's process: start, restart, and requests that wait until it is ready.
import * as path from 'node:path';
import * as vscode from 'vscode';
import type {
  LanguageClient,
  WorkDoneProgressBegin,
  WorkDoneProgressEnd,
  WorkDoneProgressReport,
} from 'vscode-languageclient/node';
import type { Environments } from './environments';
import { chooseServerInterpreter, type Frameworks, type Holders } from './frameworks';
import { findInterpreter, type Rejected, type Search } from './interpreter';
import type { Request } from './protocol';
import { forgetPythons, type Python, probe } from './pythons';
import { settings } from './settings';

export type ServerState =
  | { kind: 'starting' }
  | { kind: 'ready'; interpreter: Python }
  | { kind: 'stopped'; message: string };

type Progress = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;
const library = () => import('./languageClient.js');

/** Raised by requests while there is no server; the user has been told why already. */
export class ServerUnavailable extends Error {}

export class Server implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<ServerState>();
  readonly onDidChangeState = this.changed.event;
  state: ServerState = { kind: 'starting' };
  /** The interpreters that the last search turned down. */
  rejected: readonly Rejected[] = [];
  private client: LanguageClient | undefined;
  private starting: Promise<void> | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly log: vscode.LogOutputChannel,
    private readonly environments: Environments,
    private readonly frameworks: Frameworks,
  ) {}

  /** Starts the server unless it runs or is starting. Never rejects: a failure becomes a state and a message. */
  start(): Promise<void> {
    this.starting ??= this.launch();
    return this.starting;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async request<P, R>({ method }: Request<P, R>, params: P, token?: vscode.CancellationToken): Promise<R> {
    const client = await this.ready();
    return token ? client.sendRequest(method, params, token) : client.sendRequest(method, params);
  }

  /** Listens to what the server tells of a request's progress. */
  async onProgress(token: string, listener: (step: Progress) => void): Promise<vscode.Disposable> {
    const client = await this.ready();
    const { WorkDoneProgress } = await library();
    return client.onProgress(WorkDoneProgress.type, token, listener);
  }

  /** Waits until the server answers; raises `ServerUnavailable`. */
  async ready(): Promise<LanguageClient> {
    await this.start();
    if (!this.client || this.state.kind !== 'ready') {
      throw new ServerUnavailable(
        this.state.kind === 'stopped' ? this.state.message : 'The language server is not running.',
      );
    }
    return this.client;
  }

  dispose(): void {
    this.changed.dispose();
    void this.client?.dispose().catch(() => undefined);
  }

  private async stop(): Promise<void> {
    await this.starting;
    const client = this.client;
    this.client = undefined;
    this.starting = undefined;
    await client?.dispose().catch((error) => this.log.warn(`The server did not stop cleanly: ${error}`));
  }

  private async launch(): Promise<void> {
    this.become({ kind: 'starting' });
    const search = await findInterpreter(this.context.extensionPath, this.environments);
    this.rejected = search.rejected;
    for (const { path, reason } of search.rejected) {
      this.log.info(`Not used: ${path}: ${reason}`);
    }
    const interpreter = search.found ?? (await this.setUp(search));
    if (!interpreter) {
      return;
    }
    this.log.info(
      `Python ${interpreter.version} at ${interpreter.path}, ${interpreter.hasDiptych ? 'diptych installed there' : "the extension's own copy of diptych"}`,
    );
    try {
      const { State } = await library();
      const client = await this.createClient(interpreter);
      await client.start();
      this.client = client;
      this.become({ kind: 'ready', interpreter });
      client.onDidChangeState(({ newState }) => {
        if (this.client === client) {
          this.become(
            newState === State.Running
              ? { kind: 'ready', interpreter }
              : { kind: 'stopped', message: 'The language server stopped.' },
          );
        }
      });
    } catch (error) {
      this.log.error(`${error}`);
      this.become({ kind: 'stopped', message: 'The language server did not start.' });
      const answer = await vscode.window.showErrorMessage(
        `The Diptych language server did not start: ${messageOf(error)}`,
        'Show Log',
      );
      if (answer) {
        this.log.show();
      }
    }
  }

  /** Makes an environment of our own, where there is a Python to make it from; else says what is wrong. */
  private async setUp({ bases, rejected }: Search): Promise<Python | undefined> {
    const [base] = bases;
    if (!base) {
      this.become({ kind: 'stopped', message: 'No Python 3.11 or newer was found that can run the language server.' });
      void this.explain(rejected);
      return undefined;
    }
    try {
      const python = await this.environments.setUp('server', base.path);
      forgetPythons();
      const made = python && (await probe(python, this.context.extensionPath, this.environments.requirements));
      if (made && typeof made !== 'string') {
        return made;
      }
      this.become({ kind: 'stopped', message: made || 'Setting up the language server was cancelled.' });
    } catch (error) {
      const message = `The language server could not be set up. ${messageOf(error)}`;
      this.become({ kind: 'stopped', message });
      void this.explain(rejected, message);
    }
    return undefined;
  }

  /** Tells the server which interpreters hold the frameworks; it takes time to find them, and only verifying needs them. */
  async tellHolders(): Promise<Holders> {
    const holders = await this.frameworks.holders();
    const values = {
      torchInterpreter: holders.torch ?? '',
      tensorflowInterpreter: holders.tensorflow ?? '',
    };
    const { DidChangeConfigurationNotification } = await library();
    await this.client?.sendNotification(DidChangeConfigurationNotification.type, { settings: { diptych: values } });
    return holders;
  }

  private async createClient(interpreter: Python): Promise<LanguageClient> {
    const { LanguageClient } = await library();
    const environment: NodeJS.ProcessEnv = { ...process.env, PYTHONUNBUFFERED: '1' };
    if (!interpreter.hasDiptych) {
      environment.PYTHONPATH = path.join(this.context.extensionPath, 'server');
    }
    // The current folder is on the path of `python -m`: in the workspace, a file named libcst.py there would be run.
    const options = { cwd: this.context.extensionPath, env: environment };
    return new LanguageClient(
      'diptych',
      'Diptych',
      { command: interpreter.path, args: ['-m', 'diptych', 'lsp'], options },
      {
        documentSelector: [
          { language: 'python', scheme: 'file' },
          { language: 'python', scheme: 'untitled' },
          { language: 'python', scheme: 'vscode-notebook-cell' },
        ],
        outputChannel: this.log,
        initializationOptions: {
          workspaceTrusted: vscode.workspace.isTrusted,
          torchInterpreter: settings.interpreterOf('torch'),
          tensorflowInterpreter: settings.interpreterOf('tensorflow'),
        },
        initializationFailedHandler: () => false,
      },
    );
  }

  private async explain(rejected: readonly Rejected[], failure?: string): Promise<void> {
    const nearest = rejected.find(({ missing }) => missing);
    const [again, choose, copy, show] = ['Try Again', 'Choose Interpreter…', 'Copy Install Command', 'Show Log'];
    const problem =
      failure ??
      (nearest
        ? `Diptych needs a few Python packages to start. ${nearest.path}: ${nearest.reason}.`
        : rejected.length
          ? `Diptych found no Python that can run its server: ${rejected.map(({ path, reason }) => `${path} ${reason}`).join('; ')}.`
          : 'Diptych needs Python 3.11 or newer, and found none. Install one from python.org or by your system’s packages.');
    const answers = [again, choose, ...(nearest ? [copy] : []), show];
    const answer = await vscode.window.showErrorMessage(problem, ...answers);
    if (answer === again) {
      forgetPythons();
      await this.restart();
    } else if (answer === show) {
      this.log.show();
    } else if (answer === copy && nearest?.missing) {
      await vscode.env.clipboard.writeText(`"${nearest.path}" -m pip install ${nearest.missing.join(' ')}`);
      void vscode.window.showInformationMessage('Copied. Run it in a terminal, then use "Diptych: Restart Server".');
    } else if (answer === choose) {
      await chooseServerInterpreter();
    }
  }

  private become(state: ServerState): void {
    this.state = state;
    this.changed.fire(state);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
