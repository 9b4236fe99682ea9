// The environments that the extension keeps in its own storage: one for the server, and one for a framework that is missing.
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { InstallError, install, isReady, pythonOf, type Wanted } from './install';
import { type Framework, frameworkTitle } from './protocol';

export type Kind = 'server' | Framework;

export interface Environment {
  kind: Kind;
  folder: string;
  /** On disk, in bytes. */
  size: number;
}

const MEGABYTE = 1024 * 1024;
/** What each takes, measured on Linux, in MB: to download, and on disk. */
const SIZES: Record<Kind, readonly [number, number]> = {
  server: [30, 120],
  torch: [210, 900],
  tensorflow: [350, 1700],
};

export class Environments implements vscode.Disposable {
  private readonly installing = new Set<AbortController>();
  /** What the server needs, as pyproject.toml has it. */
  readonly requirements: readonly string[];

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const file = path.join(context.extensionPath, 'client', 'dist', 'requirements.txt');
    this.requirements = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
  }

  /** A window that closes takes half an environment with it. */
  dispose(): void {
    for (const one of this.installing) {
      one.abort();
    }
  }

  /** The Python of an environment that is there and whole. */
  python(kind: Kind): string | undefined {
    return isReady(this.folder(kind), this.packages(kind)) ? pythonOf(this.folder(kind)) : undefined;
  }

  all(): Environment[] {
    const kinds: Kind[] = ['server', 'torch', 'tensorflow'];
    return kinds
      .map((kind) => ({ kind, folder: this.folder(kind) }))
      .filter(({ folder }) => fs.existsSync(folder))
      .map((found) => ({ ...found, size: sizeOf(found.folder) }));
  }

  async remove(kind: Kind): Promise<void> {
    await fs.promises.rm(this.folder(kind), { recursive: true, force: true });
  }

  /** Makes or repairs an environment, with progress. `undefined` if the user cancelled; raises `InstallError`. */
  async setUp(kind: Kind, base: string): Promise<string | undefined> {
    this.checkSpace(kind);
    const wanted: Wanted = {
      folder: this.folder(kind),
      base,
      requirements: this.packages(kind),
      options:
        kind === 'torch' && process.platform === 'linux' ? ['--index-url', 'https://download.pytorch.org/whl/cpu'] : [],
      env: proxy(),
    };
    const again = fs.existsSync(wanted.folder);
    const title = `Diptych: ${again ? 'bringing up to date' : 'setting up'} ${describeKind(kind)}`;
    const cancelling = new AbortController();
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        token.onCancellationRequested(() => cancelling.abort());
        const log = (line: string) => this.log.info(line);
        this.installing.add(cancelling);
        try {
          return await install(wanted, {
            report: (message) => progress.report({ message }),
            log,
            signal: cancelling.signal,
          });
        } catch (error) {
          if (token.isCancellationRequested) {
            return undefined;
          }
          throw error;
        } finally {
          this.installing.delete(cancelling);
        }
      },
    );
  }

  private folder(kind: Kind): string {
    return path.join(this.context.globalStorageUri.fsPath, 'environments', kind);
  }

  private packages(kind: Kind): readonly string[] {
    if (kind === 'server') {
      return this.requirements;
    }
    if (kind === 'torch') {
      return ['torch', 'numpy'];
    }
    // Elsewhere there is one build only, which is for the CPU there.
    return [process.platform === 'darwin' || process.arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu'];
  }

  private checkSpace(kind: Kind): void {
    const storage = this.context.globalStorageUri.fsPath;
    fs.mkdirSync(storage, { recursive: true });
    const { bavail, bsize } = fs.statfsSync(storage);
    const needed = SIZES[kind][1];
    const free = Math.floor((bavail * bsize) / MEGABYTE);
    if (free < needed) {
      throw new InstallError(`It needs ${megabytes(needed)} in ${storage}, and ${megabytes(free)} are free.`);
    }
  }
}

/** For example "about 350 MB to download, 1.7 GB on disk". */
export function costOf(kind: Kind): string {
  const [download, disk] = SIZES[kind];
  return `about ${megabytes(download)} to download, ${megabytes(disk)} on disk`;
}

export function megabytes(number: number): string {
  return number >= 1000 ? `${(number / 1000).toFixed(1)} GB` : `${Math.round(number)} MB`;
}

export function describeSize({ size }: Environment): string {
  return megabytes(size / MEGABYTE);
}

export function describeKind(kind: Kind): string {
  return kind === 'server' ? 'its language server' : `${frameworkTitle(kind)} for the CPU`;
}

/** The editor's own proxy, for pip. */
function proxy(): NodeJS.ProcessEnv {
  const address = vscode.workspace.getConfiguration('http').get<string>('proxy');
  return address ? { HTTP_PROXY: address, HTTPS_PROXY: address } : {};
}

/** In bytes. Each file counts once: `lib64` of an environment is its `lib` under another name. */
function sizeOf(folder: string): number {
  const sizes = new Map<number, number>();
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) {
      const { ino, size } = fs.lstatSync(path.join(entry.parentPath, entry.name));
      sizes.set(ino, size);
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
