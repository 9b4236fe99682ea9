// The Pythons of this machine, and what is in them, without ever running code that an untrusted workspace holds.
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Framework } from './protocol';
import { knownEnvironments, pythonExtensionInterpreter } from './pythonExtension';

export interface Python {
  path: string;
  version: string;
  /** Whether it is older than the server needs. */
  old: boolean;
  /** Packages that the server needs and that are not there, or too old. */
  missing: string[];
  hasDiptych: boolean;
  /** The versions of the frameworks that are installed there. */
  frameworks: Partial<Record<Framework, string>>;
}

// Only looks for the packages, so that it stays fast and runs none of their code.
const PROBE = `
import importlib.metadata as m, importlib.util as u, json, sys
def version(*names):
    for name in names:
        try:
            return m.version(name)
        except m.PackageNotFoundError:
            pass
def number(text):
    return tuple(int(part) if part.isdigit() else 0 for part in text.split(".")[:2])
missing = []
for package, least in json.loads(sys.argv[1]):
    got = version(package)
    if u.find_spec(package) is None or got is not None and number(got) < number(least):
        missing.append(package)
found = u.find_spec("diptych")
frameworks = {}
if u.find_spec("torch") is not None:
    frameworks["torch"] = version("torch") or "?"
if u.find_spec("tensorflow") is not None:
    frameworks["tensorflow"] = version("tensorflow", "tensorflow-cpu", "tensorflow-macos", "tensorflow-intel") or "?"
print(json.dumps({"version": sys.version.split()[0], "old": sys.version_info < (3, 11), "missing": missing,
    "hasDiptych": found is not None and found.origin is not None, "frameworks": frameworks}))
`;

const asked = new Map<string, Promise<Python | string>>();

/** Asks a Python what it holds; a text says why it cannot be asked. Answers are remembered until `forgetPythons`. */
export function probe(file: string, safeFolder: string, requirements: readonly string[]): Promise<Python | string> {
  const place = canonical(file);
  let answer = asked.get(place);
  if (!answer) {
    answer = ask(file, safeFolder, requirements);
    asked.set(place, answer);
  }
  return answer;
}

export function forgetPythons(): void {
  asked.clear();
}

function ask(file: string, safeFolder: string, requirements: readonly string[]): Promise<Python | string> {
  const pairs = requirements.map((text) => /^([\w-]+)(?:>=([\d.]+))?/.exec(text)?.slice(1) ?? [text, '0']);
  const wanted = JSON.stringify(pairs.map(([name, least]) => [name, least ?? '0']));
  return new Promise((resolve) => {
    // -c puts the current folder on Python's path: it must not be the workspace.
    execFile(file, ['-c', PROBE, wanted], { cwd: safeFolder, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) {
        const code = (error as NodeJS.ErrnoException).code;
        resolve(
          code === 'ENOENT'
            ? 'does not exist'
            : `did not run (${(stderr.trim().split('\n').pop() || error.message).slice(0, 200)})`,
        );
        return;
      }
      try {
        resolve({ path: file, ...JSON.parse(stdout) } as Python);
      } catch {
        resolve('did not answer as Python does');
      }
    });
  });
}

/** Where a user's Pythons usually are: the Python extension's, the workspace's, those on the PATH. */
export async function* usualPythons(): AsyncGenerator<string> {
  const selected = await pythonExtensionInterpreter();
  if (selected) {
    yield selected;
  }
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    if (folder.uri.scheme === 'file') {
      yield inEnvironment(path.join(folder.uri.fsPath, '.venv'));
      yield inEnvironment(path.join(folder.uri.fsPath, 'venv'));
    }
  }
  // A relative entry of PATH could mean a folder of the workspace.
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const names =
    process.platform === 'win32' ? ['python.exe'] : ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
  for (const name of names) {
    for (const folder of folders) {
      yield path.join(folder, name);
    }
  }
}

/** Those, and the environments that other tools keep: the Python extension, conda, pyenv. */
export async function* allPythons(): AsyncGenerator<string> {
  yield* usualPythons();
  yield* await knownEnvironments();
  const home = os.homedir();
  for (const line of read(path.join(home, '.conda', 'environments.txt'))
    .split(/\r?\n/)
    .filter(Boolean)) {
    yield process.platform === 'win32' ? path.join(line, 'python.exe') : inEnvironment(line);
  }
  const versions = path.join(process.env.PYENV_ROOT ?? path.join(home, '.pyenv'), 'versions');
  for (const version of list(versions)) {
    yield inEnvironment(path.join(versions, version));
  }
  for (const version of list(path.join(home, '.virtualenvs'))) {
    yield inEnvironment(path.join(home, '.virtualenvs', version));
  }
}

function inEnvironment(folder: string): string {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/**
 * The same for `/bin/python3`, `/usr/bin/python3` and `/usr/bin/python3.11`. The folder is a part of it: in a virtual environment the
 * file alone leads out of it.
 */
export function canonical(file: string): string {
  try {
    return `${fs.realpathSync(path.dirname(file))} ${fs.realpathSync(file)}`;
  } catch {
    return file;
  }
}

/** Whether it may be run: what lies in a workspace that is not trusted may not. */
export function allowed(file: string): boolean {
  return vscode.workspace.isTrusted || !insideWorkspace(file);
}

function insideWorkspace(file: string): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some((folder) => {
    const relative = path.relative(folder.uri.fsPath, file);
    return !relative.startsWith('..') && !path.isAbsolute(relative);
  });
}
