// Finds a Python interpreter that can run the language server, without ever running code that an untrusted workspace holds.
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { pythonExtensionInterpreter } from './pythonExtension';
import { settings } from './settings';

export interface Interpreter {
  path: string;
  version: string;
  /** Whether `diptych` itself is installed there; if not, the copy in this extension is used. */
  hasDiptych: boolean;
}

export interface Rejected {
  path: string;
  reason: string;
  /** The packages that would make it serve, where nothing else is wrong with it. */
  missing?: string[];
}

export interface Search {
  found?: Interpreter;
  rejected: Rejected[];
}

// Only looks for the packages, so that it stays fast and runs none of their code.
const PROBE = `
import importlib.util as u, json, sys
found = u.find_spec("diptych")
missing = [m for m in ("libcst", "lsprotocol", "numpy", "pygls") if u.find_spec(m) is None]
print(json.dumps({"version": sys.version.split()[0], "old": sys.version_info < (3, 11), "path": sys.executable,
    "missing": missing, "diptych": found is not None and found.origin is not None}))
`;

interface Probed {
  version: string;
  old: boolean;
  path: string;
  missing: string[];
  diptych: boolean;
}

/** Searches in order: the setting (alone, when it is set), the Python extension, the workspace, the PATH. */
export async function findInterpreter(safeFolder: string): Promise<Search> {
  const rejected: Rejected[] = [];
  const chosen = settings.serverInterpreter();
  const seen = new Set<string>();
  for await (const candidate of candidates(chosen)) {
    const place = canonical(candidate);
    if (seen.has(place) || (!chosen && !fs.existsSync(candidate))) {
      continue;
    }
    seen.add(place);
    if (!vscode.workspace.isTrusted && insideWorkspace(candidate)) {
      rejected.push({ path: candidate, reason: 'lies inside this workspace, which is not trusted' });
      continue;
    }
    const result = await probe(candidate, safeFolder);
    if (typeof result === 'string') {
      rejected.push({ path: candidate, reason: result });
    } else if (result.old) {
      rejected.push({ path: candidate, reason: `is Python ${result.version}; 3.11 or newer is needed` });
    } else if (result.missing.length) {
      const reason = `Python ${result.version} lacks ${result.missing.join(', ')}`;
      rejected.push({ path: candidate, reason, missing: result.missing });
    } else {
      return { found: { path: candidate, version: result.version, hasDiptych: result.diptych }, rejected };
    }
  }
  return { rejected };
}

async function* candidates(chosen: string): AsyncGenerator<string> {
  if (chosen) {
    yield chosen.replace(/^~(?=$|[\\/])/, os.homedir());
    return;
  }
  const selected = await pythonExtensionInterpreter();
  if (selected) {
    yield selected;
  }
  const executable = process.platform === 'win32' ? path.join('Scripts', 'python.exe') : path.join('bin', 'python');
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    if (folder.uri.scheme === 'file') {
      yield path.join(folder.uri.fsPath, '.venv', executable);
      yield path.join(folder.uri.fsPath, 'venv', executable);
    }
  }
  // A relative entry of PATH could mean a folder of the workspace.
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const names = process.platform === 'win32' ? ['python.exe'] : ['python3', 'python3.13', 'python3.12', 'python3.11'];
  for (const name of names) {
    for (const folder of folders) {
      yield path.join(folder, name);
    }
  }
}

/** The same for `/bin/python3` and `/usr/bin/python3`; not resolving the file itself, which in a virtual environment leads out of it. */
function canonical(file: string): string {
  try {
    return path.join(fs.realpathSync(path.dirname(file)), path.basename(file));
  } catch {
    return file;
  }
}

function insideWorkspace(file: string): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some((folder) => {
    const relative = path.relative(folder.uri.fsPath, file);
    return !relative.startsWith('..') && !path.isAbsolute(relative);
  });
}

function probe(candidate: string, safeFolder: string): Promise<Probed | string> {
  return new Promise((resolve) => {
    // -c puts the current folder on Python's path: it must not be the workspace.
    execFile(candidate, ['-c', PROBE], { cwd: safeFolder, timeout: 15_000 }, (error, stdout, stderr) => {
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
        resolve(JSON.parse(stdout) as Probed);
      } catch {
        resolve('did not answer as Python does');
      }
    });
  });
}
