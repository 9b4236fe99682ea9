// The installed extension where no Python can run the server: it says what is missing and what to do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Editor } from './editor.mjs';
import { Workbench } from './workbench.mjs';

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;

before(
  async () => {
    const settings = { 'diptych.server.interpreter': '/nowhere/python' };
    editor = await Editor.start({ name: 'no-interpreter', settings });
    const page = await editor.open({ file: 'model.py' });
    workbench = new Workbench(page);
    await workbench.editor('model.py').waitFor({ timeout: 120_000 });
  },
  { timeout: 240_000 },
);

after(() => editor?.stop());

test('a message says what is wrong, with buttons that help', { timeout: 120_000 }, async () => {
  const message = workbench.notification(/nowhere\/python/);
  await message.waitFor();
  const text = await message.innerText();
  assert.match(text, /Choose Interpreter/);
  assert.match(text, /Show Log/);
  await workbench.screenshot('no-interpreter');
});

test('the twin says why it is empty', { timeout: 120_000 }, async () => {
  await workbench.editor('model.py').click();
  await workbench.command('Diptych: Show Twin Beside');
  await workbench.waitForText(workbench.editor('twin.py'), /no twin of this file yet/);
});
