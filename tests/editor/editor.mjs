// A real VS Code for a test: code-server with a profile of its own, and a Chromium window onto it.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { CHROMIUM, CODE_SERVER, HERE, MINUTES, NODE, PYTHON, ROOT, RUNS } from './places.mjs';

const ENTRY = path.join(CODE_SERVER, 'out/node/entry.js');

/**
 * @typedef {object} Options
 * @property {string} name what the profile's folder is called
 * @property {boolean} [trusted] whether workspace trust is off, so that everything is trusted
 * @property {boolean} [install] whether to install the packaged extension
 * @property {Record<string, unknown>} [settings] in addition to settings.json
 * @property {string} [python] the interpreter that the user's PATH leads to
 * @property {boolean} [alone] whether it is the only one there, beside the system's
 */

/** One code-server with a fresh profile and a fresh copy of the fixture workspace. */
export class Editor {
  /** @param {Options} options */
  static async start({ name, trusted = true, install = true, settings = {}, python = PYTHON, alone = false }) {
    const editor = new Editor(name, python);
    if (alone) {
      editor.env.PATH = `${path.dirname(python)}:/usr/bin:/bin`;
      delete editor.env.PYENV_ROOT;
    }
    editor.set(settings);
    editor.write('config.yaml', 'auth: none\n');
    fs.cpSync(path.join(HERE, 'workspace'), editor.workspace, { recursive: true });
    if (install) {
      const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
      const vsix = path.join(ROOT, `build/diptych-${version}.vsix`);
      execFileSync(NODE, [...editor.options, '--install-extension', vsix], { env: editor.env, stdio: 'pipe' });
    }
    await editor.listen(trusted);
    return editor;
  }

  /**
   * @param {string} name
   * @param {string} python
   */
  constructor(name, python) {
    this.name = name;
    this.folder = path.join(RUNS, name);
    this.workspace = path.join(this.folder, 'workspace');
    fs.rmSync(this.folder, { recursive: true, force: true });
    const home = path.join(this.folder, 'home');
    // The editor takes its environment from the user's login shell, and finds the interpreter on the PATH given here.
    this.write('home/.profile', `export PATH="${path.dirname(python)}:$PATH"\n`);
    this.options = [
      ENTRY,
      ...['--config', path.join(this.folder, 'config.yaml')],
      ...['--user-data-dir', path.join(this.folder, 'user')],
      ...['--extensions-dir', path.join(this.folder, 'extensions')],
    ];
    /** @type {NodeJS.ProcessEnv} */
    this.env = {
      ...process.env,
      HOME: home,
      SHELL: '/bin/bash',
      XDG_CONFIG_HOME: path.join(home, '.config'),
      XDG_DATA_HOME: path.join(home, '.local/share'),
      XDG_CACHE_HOME: path.join(home, '.cache'),
    };
    // Set where the tests themselves are started from a terminal of VS Code.
    for (const key of Object.keys(this.env).filter((key) => /^(VSCODE_|ELECTRON_|NODE_OPTIONS)/.test(key))) {
      delete this.env[key];
    }
    // The index that this machine installs from; pip looks for it in the user's home, which is another one here.
    const pip = path.join(process.env.XDG_CONFIG_HOME ?? path.join(os.homedir(), '.config'), 'pip', 'pip.conf');
    if (fs.existsSync(pip)) {
      this.env.PIP_CONFIG_FILE ??= pip;
    }
    this.port = 0;
    /** @type {import('node:child_process').ChildProcess | undefined} */
    this.process = undefined;
    /** @type {import('playwright-core').Browser | undefined} */
    this.browser = undefined;
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  write(name, text) {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }

  /**
   * Writes settings; a running editor takes them up.
   * @param {Record<string, unknown>} settings in addition to settings.json
   */
  set(settings) {
    const defaults = JSON.parse(fs.readFileSync(path.join(HERE, 'settings.json'), 'utf8'));
    this.write('user/User/settings.json', JSON.stringify({ ...defaults, ...settings }));
    // The browser hands the user's settings over when it gets round to it; the machine's are there from the start.
    this.write('user/Machine/settings.json', JSON.stringify(settings));
  }

  /** @param {boolean} trusted */
  async listen(trusted) {
    this.port = await freePort();
    const log = fs.openSync(path.join(this.folder, 'code-server.log'), 'w');
    const flags = [
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-getting-started-override',
      '--disable-proxy',
    ];
    this.process = spawn(
      NODE,
      [
        ...this.options,
        ...flags,
        ...['--auth', 'none', '--bind-addr', `127.0.0.1:${this.port}`],
        // Without this the extension host outlives its window by hours. On a busy machine a connection may pause for seconds.
        ...['--reconnection-grace-time', '120'],
        ...(trusted ? ['--disable-workspace-trust'] : []),
      ],
      { env: this.env, stdio: ['ignore', log, log], detached: true },
    );
    for (let attempt = 0; attempt < 1200; attempt++) {
      try {
        if ((await fetch(`http://127.0.0.1:${this.port}/healthz`)).ok) {
          return;
        }
      } catch {
        // Not listening yet.
      }
      await delay(100);
    }
    throw new Error(`code-server did not start; see ${this.folder}/code-server.log`);
  }

  /**
   * Opens a window on the fixture workspace.
   * @param {{ file?: string, width?: number, height?: number, development?: object, expose?: Record<string, (...values: any[]) => void> }} [options]
   */
  async open({ file, width = 1400, height = 860, development, expose = {} } = {}) {
    this.browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    });
    const page = await this.browser.newPage({
      viewport: { width, height },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    page.setDefaultTimeout(MINUTES);
    for (const [name, receive] of Object.entries(expose)) {
      await page.exposeFunction(name, receive);
    }
    if (development) {
      await page.addInitScript(addDevelopmentOptions, development);
    }
    const payload = [
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
      ...(file ? [['openFile', `vscode-remote://127.0.0.1:${this.port}${path.join(this.workspace, file)}`]] : []),
    ];
    const query = new URLSearchParams({ folder: this.workspace, payload: JSON.stringify(payload) });
    await page.goto(`http://127.0.0.1:${this.port}/?${query}`, { waitUntil: 'commit' });
    return page;
  }

  /** @param {string} file */
  uri(file) {
    return { scheme: 'vscode-remote', authority: `127.0.0.1:${this.port}`, path: file };
  }

  async stop() {
    await this.browser?.close();
    if (this.process?.pid) {
      process.kill(-this.process.pid, 'SIGTERM');
    }
  }
}

/** An interpreter that has everything that the server needs, but not the server: as a user's is before Diptych comes. */
export function interpreterWithoutDiptych() {
  const folder = path.join(ROOT, 'build/editor/python');
  const ask = (/** @type {string} */ python) =>
    execFileSync(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], { encoding: 'utf8' }).trim();
  const python = path.join(folder, 'bin/python');
  if (!fs.existsSync(python)) {
    execFileSync(PYTHON, ['-m', 'venv', '--without-pip', folder]);
  }
  // Packages are taken from the other environment; what is installed there by a .pth file of its own, as diptych is, stays out.
  fs.writeFileSync(path.join(ask(python), 'packages.pth'), `${ask(PYTHON)}\n`);
  return python;
}

/**
 * Makes the workbench load an extension under development, by adding to its configuration before it boots.
 * @param {object} options
 */
function addDevelopmentOptions(options) {
  const original = Element.prototype.getAttribute;
  /**
   * @this {Element}
   * @param {string} name
   */
  Element.prototype.getAttribute = function (name) {
    const value = original.call(this, name);
    if (name !== 'data-settings' || this.id !== 'vscode-workbench-web-configuration' || !value) {
      return value;
    }
    const configuration = JSON.parse(value);
    configuration.developmentOptions = { ...configuration.developmentOptions, ...options };
    return JSON.stringify(configuration);
  };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
