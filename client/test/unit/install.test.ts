import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { beforeEach, test } from 'node:test';
import { install, isReady, pythonOf } from '../../src/install';

/** A Python that makes environments of itself; its pip does what the file `pip` beside it says. */
const PYTHON = `#!/bin/sh
here=$(dirname "$0")
case "$*" in
  "-m venv --without-pip "*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
  "-m venv "*) [ -e "$here/no-ensurepip" ] && { echo "ensurepip is not available" >&2; exit 1; }
    mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  *pip*install*) echo "$@" >> "$LOG"; sh "$PIP" ;;
esac
`;

const skip = process.platform === 'win32' && 'the Python of these tests is a shell script';
const lines: string[] = [];
let home: string;
let wanted: Parameters<typeof install>[0];

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'diptych-install-'));
  lines.length = 0;
  const base = path.join(home, 'python3');
  fs.writeFileSync(base, PYTHON, { mode: 0o755 });
  says('echo Collecting numpy');
  const env = { PIP: path.join(home, 'pip'), LOG: path.join(home, 'log') };
  wanted = { folder: path.join(home, 'kept', 'server'), base, requirements: ['numpy>=1'], env };
});

function says(script: string): void {
  fs.writeFileSync(path.join(home, 'pip'), script);
}

function watcher(signal = new AbortController().signal) {
  return { report: (line: string) => lines.push(line), log: () => undefined, signal };
}

function installs(): number {
  const log = path.join(home, 'log');
  return fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n').length : 0;
}

test('an environment is made once, with what it needs', { skip }, async () => {
  assert.equal(isReady(wanted.folder, wanted.requirements), false);
  assert.equal(await install(wanted, watcher()), pythonOf(wanted.folder));
  assert.deepEqual(lines, ['creating the environment', 'looking for numpy']);
  assert.ok(isReady(wanted.folder, wanted.requirements));
  await Promise.all([install(wanted, watcher()), install(wanted, watcher())]);
  assert.equal(installs(), 1);
});

test('other requirements bring it up to date where it stands', { skip }, async () => {
  await install(wanted, watcher());
  const newer = { ...wanted, requirements: ['numpy>=2'] };
  assert.equal(isReady(wanted.folder, newer.requirements), false);
  await install(newer, watcher());
  assert.ok(isReady(wanted.folder, newer.requirements));
  assert.equal(lines.filter((line) => line.startsWith('creating')).length, 1);
});

test('one whose Python is gone is made anew', { skip }, async () => {
  await install(wanted, watcher());
  fs.rmSync(pythonOf(wanted.folder));
  await install(wanted, watcher());
  assert.ok(isReady(wanted.folder, wanted.requirements));
});

test('a failure is explained and leaves nothing behind, so that trying again begins anew', { skip }, async () => {
  says('echo "Temporary failure in name resolution" >&2; exit 1');
  await assert.rejects(install(wanted, watcher()), /Is this machine online/);
  assert.equal(fs.existsSync(wanted.folder), false);
  says('true');
  await install(wanted, watcher());
});

test('a failed update leaves what was there', { skip }, async () => {
  await install(wanted, watcher());
  says('exit 1');
  await assert.rejects(install({ ...wanted, requirements: ['numpy>=2'] }, watcher()));
  assert.ok(isReady(wanted.folder, wanted.requirements));
});

test('cancelling ends what runs, with its children, and cleans up', { skip }, async () => {
  says('sleep 60 & echo $! > "$LOG.child"; wait');
  const cancelling = new AbortController();
  const running = install(wanted, watcher(cancelling.signal));
  const child = path.join(home, 'log.child');
  while (!fs.existsSync(child) || !fs.readFileSync(child, 'utf8').trim()) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  cancelling.abort();
  await assert.rejects(running, /Cancelled/);
  assert.equal(fs.existsSync(wanted.folder), false);
  const pid = Number(fs.readFileSync(child, 'utf8'));
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.throws(() => assert.doesNotMatch(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'), / Z /), /ENOENT|match/);
});

test('what a window that was closed meanwhile left behind holds nobody up', { skip }, async () => {
  const ended = spawnSync(process.execPath, ['-e', '']).pid;
  fs.mkdirSync(path.dirname(wanted.folder), { recursive: true });
  fs.writeFileSync(`${wanted.folder}.lock`, String(ended));
  await install(wanted, watcher());
  assert.ok(isReady(wanted.folder, wanted.requirements));
  assert.deepEqual(fs.readdirSync(path.dirname(wanted.folder)), ['server']);
});

test('a window that works on it is waited for', { skip }, async () => {
  fs.mkdirSync(path.dirname(wanted.folder), { recursive: true });
  fs.writeFileSync(`${wanted.folder}.lock`, String(process.pid));
  const running = install(wanted, watcher());
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(isReady(wanted.folder, wanted.requirements), false);
  assert.match(lines.join(), /another window/);
  fs.rmSync(`${wanted.folder}.lock`);
  await running;
  assert.ok(isReady(wanted.folder, wanted.requirements));
});

test('where Python makes no environments with pip, its own pip does the work', { skip }, async () => {
  fs.writeFileSync(path.join(home, 'no-ensurepip'), '');
  await install(wanted, watcher());
  assert.match(fs.readFileSync(path.join(home, 'log'), 'utf8'), /--python .*server\/bin\/python install/);
});
