// The installed extension in a notebook, by clicks: the twin of a cell below it, and that of all cells as a notebook of its own.
import { after, afterEach, before, test } from 'node:test';
import { Editor, interpreterWithoutDiptych } from './editor.mjs';
import { LONG, until, Workbench } from './workbench.mjs';

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;

before(async () => {
  editor = await Editor.start({ name: 'notebook', python: interpreterWithoutDiptych() });
  workbench = await Workbench.open(editor, { file: 'model.py' });
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await workbench.ready();
}, LONG);

afterEach((test) => workbench?.pictureOfFailure(test));
after(() => editor?.stop());

/** What is written in the cells on screen. */
function cells() {
  const lines = workbench.page.locator('.notebookOverlay .cell-list-container .view-lines');
  return lines.evaluateAll((all) => all.map((one) => (one.textContent ?? '').replace(/\u00a0/g, ' ')).join('\n'));
}

test('a click in the bar of a cell puts its twin below', LONG, async () => {
  const { page } = workbench;
  await workbench.attempt('open the notebook', async () => {
    await workbench.pick('Control+p', 'model.ipynb', 'model.ipynb');
    await page.locator('.notebook-editor').first().waitFor({ timeout: 30_000 });
  });
  const cell = page.locator('.cell-list-container .monaco-list-row').filter({ hasText: 'Head(nn' }).first();
  await workbench.attempt('choose a cell', async () => {
    await cell.locator('.view-lines').first().click({ timeout: 30_000 });
    // VS Code draws a cell's bar before it knows what the cell is, without most buttons, its own included, and not again until
    // something else in the window changes.
    await page.keyboard.press('F1');
    await workbench.input.waitFor({ timeout: 30_000 });
    await page.keyboard.press('Escape');
    await cell.locator('[aria-label^="Convert Cell"]').first().click({ timeout: 30_000 });
  });
  await until('the twin', async () => /class Head\(keras\.Model\)/.test(await cells()));
  await workbench.screenshot('notebook-cell');
});

test('one undo takes it away', LONG, async () => {
  const { page } = workbench;
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  await until('the cells as they were', async () => !/keras/.test(await cells()));
});

test('a click in the bar of the notebook opens one in the other framework', LONG, async () => {
  const { page } = workbench;
  await workbench.attempt('convert all cells', async () => {
    await page
      .locator('.notebook-toolbar-container [aria-label^="Convert All Cells"]')
      .first()
      .click({ timeout: 30_000 });
    await until('two notebooks', async () => (await page.locator('.notebook-editor:visible').count()) > 1);
  });
  await until('the twin', async () => /tf\.reduce_sum/.test(await cells()));
  await workbench.screenshot('notebook');
});
