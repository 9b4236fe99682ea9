// A twin that was saved and then edited by hand: saving it again opens a merge, what was merged is kept by the next one, and one
// that is left undone changes nothing.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Editor, interpreterWithoutDiptych } from './editor.mjs';
import { LONG, until, Workbench } from './workbench.mjs';

const SOURCE = `import torch


def top(x):
    return torch.relu(x)


def middle(x):
    return torch.tanh(x)


def bottom(x):
    return torch.exp(x)
`;

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;
/** @type {import('playwright-core').Page} */
let page;
let source = '';
let kept = '';

before(async () => {
  editor = await Editor.start({ name: 'keeping', python: interpreterWithoutDiptych() });
  source = path.join(editor.workspace, 'kept.py');
  kept = path.join(editor.workspace, 'kept_tensorflow.py');
  fs.writeFileSync(source, SOURCE);
  workbench = await Workbench.open(editor, { file: 'kept.py' });
  page = workbench.page;
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await workbench.ready();
}, LONG);

afterEach((test) => workbench?.pictureOfFailure(test));
after(() => editor?.stop());

/** Writes the source, as another program would, and waits until the window shows it. @param {string} text */
async function write(text) {
  fs.writeFileSync(source, text);
  await workbench.openFile('kept.py');
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  await until('the new source', async () => (await workbench.text(workbench.editor('kept.py'))).includes(last));
}

async function save() {
  await workbench.openFile('kept.py');
  await workbench.focus(workbench.editor('kept.py'));
  await workbench.command('Diptych: Save Twin As...');
  await workbench.input.waitFor();
  await until('the proposed name', async () => (await workbench.input.inputValue()).endsWith('kept_tensorflow.py'));
  const there = fs.existsSync(kept);
  await page.keyboard.press('Enter');
  if (there) {
    // It is asked whether to overwrite it, as of any file.
    await page.getByText(/already exists/).waitFor();
    await page.keyboard.press('Enter');
  }
}

test('a twin is saved beside the source, under the name that is proposed', LONG, async () => {
  await save();
  await until('the file', () => fs.existsSync(kept) && /tf\.nn\.relu/.test(fs.readFileSync(kept, 'utf8')));
});

test('saved again after it was edited by hand, it is merged', LONG, async () => {
  fs.writeFileSync(kept, fs.readFileSync(kept, 'utf8').replace('def top(x):', 'def top(x):  # mine'));
  await write(SOURCE.replace('torch.exp(x)', 'torch.exp(x) - 1'));
  await save();
  const message = workbench.notification(/edited by hand since Diptych wrote it/);
  await message.waitFor();
  await workbench.screenshot('merge-offered');
  await message.getByRole('button', { name: 'Merge' }).click();
  await page.locator('.merge-editor').first().waitFor();
  await workbench.stillPicture('merge');
  assert.match(await page.locator('.merge-editor').innerText(), /New Twin/);
  await page.locator('.merge-editor a', { hasText: 'Accept New Twin' }).first().click();
  await workbench.command('File: Save');
  await until('both changes', () => {
    const text = fs.readFileSync(kept, 'utf8');
    return /def top\(x\): {2}# mine/.test(text) && /tf\.exp\(x\) - 1/.test(text);
  });
  await workbench.command('View: Close All Editors');
});

test('a merge that is left undone is offered again, with the same base', LONG, async () => {
  const before = fs.readFileSync(kept, 'utf8');
  await write(SOURCE.replace('torch.exp(x)', 'torch.exp(x) - 2'));
  for (let time = 1; time <= 2; time++) {
    await save();
    await workbench
      .notification(/edited by hand/)
      .getByRole('button', { name: 'Merge' })
      .click();
    const merge = page.locator('.merge-editor').first();
    await merge.waitFor();
    await merge.locator('a', { hasText: 'Accept New Twin' }).first().waitFor();
    assert.match((await merge.innerText()).replace(/\u00a0/g, ' '), /tf\.exp\(x\) - 2/);
    await workbench.command('View: Close All Editors');
    const leave = page.getByRole('button', { name: 'Close with Conflicts' });
    await until('the merge to be left', async () => {
      if (await leave.isVisible()) {
        await leave.click();
      }
      return !(await merge.isVisible());
    });
    assert.equal(fs.readFileSync(kept, 'utf8'), before);
  }
});
