// A fresh profile on a machine whose Python has nothing: the extension makes the server's environment by itself, and says which
// framework is missing when something is to be run.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Editor } from './editor.mjs';
import { PYTHON, ROOT } from './places.mjs';
import { LONG, Workbench } from './workbench.mjs';

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;

before(async () => {
  editor = await Editor.start({ name: 'setup', python: barePython(), alone: true });
  workbench = await Workbench.open(editor, { file: 'model.py' });
}, LONG);

afterEach((test) => workbench?.pictureOfFailure(test));
after(() => editor?.stop());

test('the server is set up by itself, with progress, and the twin opens', LONG, async () => {
  await workbench.notification(/setting up its language server/).waitFor();
  await workbench.screenshot('setup');
  await workbench.status().locator('.codicon-loading').waitFor({ state: 'detached' });
  await workbench.focus(workbench.editor('model.py'));
  await workbench.command('Diptych: Show Twin Beside');
  await workbench.waitForText(workbench.editor('twin.py'), /tf\.nn\.relu/);
  const environments = path.join(editor.folder, 'user/User/globalStorage/diptych.diptych/environments');
  assert.deepEqual(fs.readdirSync(environments), ['server']);
});

test('what is missing to run both sides is offered, with its size', LONG, async () => {
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
