// For @vscode/test-cli: the Mocha suite of client/test/suite in a VS Code that it downloads. `make test-vscode`.
import fs from 'node:fs';
import path from 'node:path';
import { defineConfig } from '@vscode/test-cli';
import { HERE, PYTHON, RUNS } from './tests/editor/places.mjs';

const workspace = path.join(RUNS, 'test-cli/workspace');
// The tests write into it.
fs.rmSync(workspace, { recursive: true, force: true });
fs.cpSync(path.join(HERE, 'workspace'), workspace, { recursive: true });

export default defineConfig({
  files: 'build/editor/suite/*.test.js',
  workspaceFolder: workspace,
  launchArgs: ['--disable-workspace-trust'],
  // The extension finds its interpreters there, as it does a user's.
  env: { PATH: `${path.dirname(PYTHON)}${path.delimiter}${process.env.PATH}` },
  mocha: { ui: 'bdd', timeout: 300_000 },
});
