// The installed extension where no Python can run the server: it says what is missing and what to do.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Editor } from './editor.mjs';
import { LONG, Workbench } from './workbench.mjs';

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;

before(async () => {
  const settings = { 'diptych.server.interpreter': '/nowhere/python' };
  editor = await Editor.start({ name: 'no-interpreter', settings });
  workbench = await Workbench.open(editor, { file: 'model.py' });
}, LONG);

afterEach((test) => workbench?.pictureOfFailure(test));
after(() => editor?.stop());

test('a message says what is wrong, with buttons that help', LONG, async () => {
  const message = workbench.notification(/nowhere\/python/);
  await message.waitFor();
  const text = await message.innerText();
  assert.match(text, /Choose Interpreter/);
  assert.match(text, /Show Log/);
  await workbench.screenshot('no-interpreter');
});

test('the twin says why it is empty', LONG, async () => {
  await workbench.focus(workbench.editor('model.py'));
  await workbench.command('Diptych: Show Twin Beside');
  await workbench.waitForText(workbench.editor('twin.py'), /no twin of this file yet/);
});
