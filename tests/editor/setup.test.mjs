// A fresh profile on a machine whose Python has nothing: the extension makes the server's environment by itself, and says which
// framework is missing when something is to be run.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Editor } from './editor.mjs';
import { PYTHON, ROOT } from './places.mjs';
import { Workbench } from './workbench.mjs';

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;

before(
  async () => {
    editor = await Editor.start({ name: 'setup', python: barePython(), alone: true });
    const page = await editor.open({ file: 'model.py' });
    workbench = new Workbench(page);
    await workbench.editor('model.py').waitFor({ timeout: 120_000 });
  },
  { timeout: 240_000 },
);

after(() => editor?.stop());

test('the server is set up by itself, with progress, and the twin opens', { timeout: 400_000 }, async () => {
  await workbench.notification(/setting up its language server/).waitFor({ timeout: 60_000 });
  await workbench.screenshot('setup');
  await workbench.status().locator('.codicon-loading').waitFor({ state: 'detached', timeout: 300_000 });
  await workbench.editor('model.py').click();
  await workbench.command('Diptych: Show Twin Beside');
  await workbench.waitForText(workbench.editor('twin.py'), /tf\.nn\.relu/, 180_000);
  const environments = path.join(editor.folder, 'user/User/globalStorage/diptych.diptych/environments');
  assert.deepEqual(fs.readdirSync(environments), ['server']);
});

test('what is missing to run both sides is offered, with its size', { timeout: 120_000 }, async () => {
  await workbench.command('Diptych: Verify Outputs');
  const message = workbench.notification(/no interpreter with PyTorch was found/);
  await message.waitFor();
  const text = await message.innerText();
  assert.match(text, /about \d+ MB to download/);
  assert.match(text, /Set Up PyTorch/);
  assert.match(text, /Choose Interpreter/);
  await workbench.screenshot('framework-missing');
});

/** A Python as it comes, in an environment of its own, so that the machine's packages are not seen. */
function barePython() {
  const folder = path.join(ROOT, 'build/editor/bare-python');
  const python = path.join(folder, 'bin/python3');
  if (!fs.existsSync(python)) {
    execFileSync(PYTHON, ['-m', 'venv', folder]);
  }
  return python;
}
