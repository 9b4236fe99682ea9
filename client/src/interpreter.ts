// Finds a Python interpreter that can run the language server, or one that an environment for it can be made from.
import * as fs from 'node:fs';
import * as os from 'node:os';
import type { Environments } from './environments';
import { allowed, canonical, type Python, probe, usualPythons } from './pythons';
import { settings } from './settings';

export interface Rejected {
  path: string;
  reason: string;
  /** The packages that would make it serve, where nothing else is wrong with it. */
  missing?: string[];
}

export interface Search {
  found?: Python;
  rejected: Rejected[];
  /** Pythons that are new enough to make an environment from, the best first. */
  bases: Python[];
}

/** Searches in order: the setting (alone, when it is set), our own environment, the Python extension, the workspace, the PATH. */
export async function findInterpreter(safeFolder: string, environments: Environments): Promise<Search> {
  const rejected: Rejected[] = [];
  const bases: Python[] = [];
  const chosen = settings.serverInterpreter().replace(/^~(?=$|[\\/])/, os.homedir());
  const seen = new Set<string>();
  for await (const candidate of candidates(chosen, environments)) {
    const place = canonical(candidate);
    if (seen.has(place) || (!chosen && !fs.existsSync(candidate))) {
      continue;
    }
    seen.add(place);
    if (!allowed(candidate)) {
      rejected.push({ path: candidate, reason: 'lies inside this workspace, which is not trusted' });
      continue;
    }
    const python = await probe(candidate, safeFolder, environments.requirements);
    if (typeof python === 'string') {
      rejected.push({ path: candidate, reason: python });
    } else if (python.old) {
      rejected.push({ path: candidate, reason: `is Python ${python.version}; 3.11 or newer is needed` });
    } else if (python.missing.length) {
      const reason = `Python ${python.version} lacks ${python.missing.join(', ')}`;
      rejected.push({ path: candidate, reason, missing: python.missing });
      bases.push(python);
    } else {
      return { found: python, rejected, bases };
    }
  }
  return { rejected, bases: chosen ? [] : bases };
}

async function* candidates(chosen: string, environments: Environments): AsyncGenerator<string> {
  if (chosen) {
    yield chosen;
    return;
  }
  const own = environments.python('server');
  if (own) {
    yield own;
  }
  yield* usualPythons();
}
