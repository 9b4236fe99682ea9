// Creates virtual environments of the extension's own and installs packages into them.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { explained, step } from './pip';

export interface Wanted {
  /** The folder of the environment. Nothing else may lie in it. */
  folder: string;
  /** The Python that it is made from. */
  base: string;
  requirements: readonly string[];
  /** Options of pip, such as another index. */
  options?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

export interface Watcher {
  report: (message: string) => void;
  log: (line: string) => void;
  signal: AbortSignal;
}

export class InstallError extends Error {}

const MARK = 'ready.json';
/** Another window that has not finished by then has died, whatever its process number says. */
const PATIENCE = 30 * 60_000;

export function pythonOf(folder: string): string {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
}

/** Whether the environment was finished, and with these very requirements. */
export function isReady(folder: string, requirements: readonly string[]): boolean {
  try {
    const made = JSON.parse(fs.readFileSync(path.join(folder, MARK), 'utf8'));
    return made.requirements === JSON.stringify(requirements) && fs.existsSync(pythonOf(folder));
  } catch {
    return false;
  }
}

/**
 * Makes the environment, or brings one up to date that was made for other requirements, and returns its Python. What is left
 * half done, because it was cancelled or failed, is removed, but never an environment that was ready before.
 */
export async function install(wanted: Wanted, watcher: Watcher): Promise<string> {
  const { folder, requirements } = wanted;
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  return exclusively(`${folder}.lock`, watcher, async () => {
    const python = pythonOf(folder);
    if (isReady(folder, requirements)) {
      return python; // another window was faster
    }
    const before = fs.existsSync(path.join(folder, MARK)) && (await works(python, wanted, watcher));
    try {
      const pip = before ? [python, '-m', 'pip'] : await create(wanted, watcher);
      const options = ['--disable-pip-version-check', '--no-input', '--prefer-binary', '--progress-bar=off'];
      const network = ['--retries=2', '--timeout=20'];
      const command = [
        ...pip,
        'install',
        '--upgrade',
        ...options,
        ...network,
        ...(wanted.options ?? []),
        ...requirements,
      ];
      await run(command, wanted, watcher);
      fs.writeFileSync(path.join(folder, MARK), JSON.stringify({ requirements: JSON.stringify(requirements) }));
      return python;
    } catch (error) {
      if (!before) {
        fs.rmSync(folder, { recursive: true, force: true });
      }
      throw error;
    }
  });
}

/** Makes an empty environment and returns the command of a pip that installs into it. */
async function create(wanted: Wanted, watcher: Watcher): Promise<string[]> {
  const { folder, base } = wanted;
  watcher.report('creating the environment');
  fs.rmSync(folder, { recursive: true, force: true });
  try {
    await run([base, '-m', 'venv', folder], wanted, watcher);
    return [pythonOf(folder), '-m', 'pip'];
  } catch (error) {
    // Debian's Python makes no environment with pip unless python3-venv is there; its own pip, if any, can do the work.
    if (watcher.signal.aborted || !(await works(base, wanted, watcher, ['-m', 'pip', '--version']))) {
      throw error;
    }
    fs.rmSync(folder, { recursive: true, force: true });
    await run([base, '-m', 'venv', '--without-pip', folder], wanted, watcher);
    return [base, '-m', 'pip', '--python', pythonOf(folder)];
  }
}

async function works(python: string, wanted: Wanted, watcher: Watcher, options = ['-c', '']): Promise<boolean> {
  try {
    await run([python, ...options], wanted, watcher);
    return true;
  } catch {
    return false;
  }
}

function run([command = '', ...options]: readonly string[], { env, folder }: Wanted, watcher: Watcher): Promise<void> {
  const { signal, log, report } = watcher;
  log(`$ ${[command, ...options].join(' ')}`);
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new InstallError('Cancelled.'));
      return;
    }
    // A group of its own, so that cancelling ends pip's children, too. In the workspace, a file could pose as a module.
    const own = process.platform !== 'win32';
    const cwd = path.dirname(folder);
    const child = spawn(command, options, {
      cwd,
      env: { ...process.env, ...env },
      detached: own,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const stop = () => {
      if (own && child.pid) {
        process.kill(-child.pid, 'SIGKILL');
      } else {
        child.kill();
      }
    };
    signal.addEventListener('abort', stop, { once: true });
    const listen = (chunk: Buffer) => {
      output += chunk;
      for (const line of String(chunk).split(/\r?\n/).filter(Boolean)) {
        log(line);
        const told = step(line);
        if (told) {
          report(told);
        }
      }
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('error', (error) => {
      signal.removeEventListener('abort', stop);
      reject(new InstallError(error.message));
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) {
        reject(new InstallError('Cancelled.'));
      } else if (code !== 0) {
        reject(new InstallError(explained(output)));
      } else {
        resolve();
      }
    });
  });
}

/** Only one window at a time may work on an environment; the lock names its process, which may have ended since. */
async function exclusively<T>(lock: string, { signal, report }: Watcher, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      if (isLeft(lock)) {
        fs.rmSync(lock, { recursive: true, force: true });
      }
      report('waiting for another window that does the same');
      await delay(500, undefined, { signal }).catch(() => {
        throw new InstallError('Cancelled.');
      });
    }
  }
  try {
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function isLeft(lock: string): boolean {
  try {
    if (Date.now() - fs.statSync(lock).mtimeMs > PATIENCE) {
      return true;
    }
    const owner = Number(fs.readFileSync(lock, 'utf8'));
    // Zero: it is just being written.
    return owner > 0 && !process.kill(owner, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
