// Installs what a real VS Code needs where it is missing: code-server and its Node from npm, Chromium from Debian.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { CHROMIUM, CODE_SERVER, TOOLS } from './places.mjs';

const PACKAGES = ['code-server@4.139.1', `node-${process.platform}-${process.arch}@24.21.0`];
// Large parts of code-server that these tests never load.
const UNUSED = [
  'node_modules/@github',
  'node_modules/@microsoft/mxc-sdk',
  'node_modules/@vscode/windows-process-tree',
  'extensions/copilot',
  'extensions/mermaid-markdown-features',
  'extensions/microsoft-authentication',
];
const QUIET = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];

if (!fs.existsSync(path.join(TOOLS, 'complete'))) {
  fs.mkdirSync(TOOLS, { recursive: true });
  fs.writeFileSync(path.join(TOOLS, 'package.json'), '{ "name": "editor-tools", "private": true }\n');
  attempt('code-server from the npm registry', () => {
    run('npm', ['install', ...QUIET, ...PACKAGES], TOOLS);
    run('npm', ['install', ...QUIET, '--omit=dev'], path.join(CODE_SERVER, 'lib/vscode'));
  });
  for (const part of UNUSED) {
    fs.rmSync(path.join(CODE_SERVER, 'lib/vscode', part), { recursive: true, force: true });
  }
  fs.writeFileSync(path.join(TOOLS, 'complete'), PACKAGES.join('\n'));
}
if (!fs.existsSync(CHROMIUM)) {
  attempt('the Debian package chromium', () => {
    run('apt-get', ['update', '-qq'], '.');
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], '.');
  });
}

/**
 * @param {string} what
 * @param {() => void} install
 */
function attempt(what, install) {
  try {
    install();
  } catch (error) {
    console.error(`The editor test could not install ${what}: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}

/**
 * @param {string} command
 * @param {string[]} options
 * @param {string} cwd
 */
function run(command, options, cwd) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync(command, options, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
}
