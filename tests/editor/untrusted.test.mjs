// The installed extension in a workspace that is not trusted: it reads and converts, and runs nothing.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Editor } from './editor.mjs';
import { LONG, Workbench } from './workbench.mjs';

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;
/** @type {string} */
let trap;

before(async () => {
  editor = await Editor.start({ name: 'untrusted', trusted: false });
  trap = path.join(editor.folder, 'the-workspace-was-run');
  // All the ways in which a workspace could get its code run when the server starts.
  const python = `open(${JSON.stringify(trap)}, 'w').close()\n`;
  for (const name of ['libcst.py', 'pygls.py', 'diptych.py', 'sitecustomize.py', 'torch.py']) {
    editor.write(`workspace/${name}`, python);
  }
  for (const name of ['.venv', 'chosen']) {
    editor.write(`workspace/${name}/bin/python`, `#!/bin/sh\ntouch ${trap}\n`);
    fs.chmodSync(path.join(editor.workspace, name, 'bin/python'), 0o755);
  }
  const interpreter = path.join(editor.workspace, 'chosen/bin/python');
  editor.write('workspace/.vscode/settings.json', JSON.stringify({ 'diptych.server.interpreter': interpreter }));
  workbench = await Workbench.open(editor, { file: 'model.py' });
}, LONG);

afterEach((test) => workbench?.pictureOfFailure(test));
after(() => editor?.stop());

test('the twin opens', LONG, async () => {
  await workbench.ready();
  await workbench.focus(workbench.editor('model.py'));
  await workbench.command('Diptych: Show Twin Beside');
  await workbench.waitForText(workbench.editor('twin.py'), /tf\.nn\.relu/);
});

test('verifying is refused with the reason and a way out', LONG, async () => {
  await workbench.focus(workbench.editor('model.py'));
  await workbench.command('Diptych: Verify Outputs');
  const message = workbench.notification(/needs a trusted workspace/);
  await message.waitFor();
  assert.match(await message.innerText(), /Manage Workspace Trust/);
  await workbench.screenshot('untrusted');
});

test('nothing of the workspace was run', () => {
  assert.equal(fs.existsSync(trap), false);
});
