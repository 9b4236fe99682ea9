// Where the editor test keeps things, and how long it waits. All that it keeps is a build product and may be deleted.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = path.dirname(fileURLToPath(import.meta.url));
export const ROOT = path.resolve(HERE, '../..');
export const TOOLS = path.join(ROOT, 'build/editor/tools');
export const CODE_SERVER = path.join(TOOLS, 'node_modules/code-server');
export const NODE = path.join(TOOLS, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
export const RUNS = path.join(ROOT, 'build/editor/runs');
export const SCREENSHOTS = path.join(ROOT, 'build/screenshots');
export const SUITE = path.join(ROOT, 'build/editor/suite/index.js');
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const PYTHON = process.env.DIPTYCH_PYTHON ?? path.join(ROOT, '.venv/bin/python');
/** How long to wait for what comes: seconds as a rule, but minutes on a machine that is busy with other things. */
export const MINUTES = 300_000;
