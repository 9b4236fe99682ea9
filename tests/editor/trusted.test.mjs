// The installed extension, with the server that it brings along, in a fresh profile, as a user drives it: twin, edit, hover,
// verdicts, results.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Editor, interpreterWithoutDiptych } from './editor.mjs';
import { busy, LONG, Workbench } from './workbench.mjs';

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;
/** @type {import('playwright-core').Page} */
let page;

before(async () => {
  editor = await Editor.start({ name: 'trusted', python: interpreterWithoutDiptych() });
  workbench = await Workbench.open(editor, { file: 'model.py' });
  page = workbench.page;
  await workbench.command('View: Toggle Primary Side Bar Visibility');
}, LONG);

afterEach((test) => workbench?.pictureOfFailure(test));
after(() => editor?.stop());

test('the server starts with the interpreter that is on the PATH', LONG, async () => {
  await workbench.ready();
  assert.equal((await workbench.status().innerText()).trim(), 'Diptych');
});

test('the twin opens beside the source and follows an edit', LONG, async () => {
  const source = workbench.editor('model.py');
  await workbench.focus(source);
  await workbench.command('Diptych: Show Twin Beside');
  const twin = workbench.editor('twin.py');
  await workbench.waitForText(twin, /tf\.nn\.relu/);
  assert.equal(await page.locator('.editor-group-container').count(), 2);
  await workbench.screenshot('twin');

  await workbench.focus(source);
  await workbench.goTo(10);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('x = torch.exp(x)');
  const began = Date.now();
  await workbench.waitForText(twin, /\btf\.(math\.)?exp\(x\)/);
  console.log(`the twin followed ${Date.now() - began} ms after the last key`);
  await workbench.screenshot('twin-follows');
  await workbench.command('File: Revert File');
  await workbench.waitForText(source, /^(?!.*torch\.exp)/s);
});

test('hovering over a call shows it in the other framework', LONG, async () => {
  const text = await workbench.hover(workbench.editor('model.py'), 'relu', /tf\.nn\.relu/);
  assert.match(text, /tf\.nn\.relu/);
  await workbench.screenshot('hover');
  await page.keyboard.press('Escape');
  await page.mouse.move(700, 5);
});

test('verifying shows progress, then a verdict at every entry and its evidence', LONG, async () => {
  await workbench.focus(workbench.editor('model.py'));
  await workbench.command('Diptych: Verify Outputs');
  await workbench.notification(/verifying model\.py/).waitFor();
  await workbench.screenshot('verifying');
  const done = workbench.notification(/identical|equal within rounding/);
  await done.waitFor();
  const source = workbench.editor('model.py');
  await workbench.waitForAnnotation(
    source,
    'def activate',
    /✓ (identical|equal within rounding · largest difference \d)/,
  );
  await workbench.waitForAnnotation(source, 'class Classifier', /✓/);
  await workbench
    .status()
    .filter({ hasText: /identical|equal within rounding/ })
    .waitFor();
  await workbench.screenshot('verdicts');
  await done.getByText('Show Results').click();
  const tab = page.locator('.tab', { hasText: 'Diptych results' });
  await tab.waitFor();
  const frame = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await frame.getByRole('heading', { name: 'Diptych results' }).waitFor();
  assert.match(await frame.locator('body').innerText(), /Classifier/);
  await workbench.screenshot('results');
});

test('verdicts turn stale when the source changes', LONG, async () => {
  const source = workbench.editor('model.py');
  await workbench.focus(source);
  await workbench.goTo(10);
  await page.keyboard.press('End');
  await page.keyboard.type('  # edited');
  await workbench.status().filter({ hasText: 'stale' }).waitFor();
  await workbench.screenshot('stale');
});

test('what was not converted is marked in the source and in the twin, with the reason', LONG, async () => {
  await workbench.command('View: Close All Editors');
  await page.getByRole('button', { name: "Don't Save" }).click();
  await workbench.openFile('leftover.py');
  const source = workbench.editor('leftover.py');
  await source.locator('.squiggly-warning, .squiggly-error, .squiggly-info').first().waitFor();
  await workbench.command('Diptych: Show Twin Beside');
  const twin = workbench.editor('twin.py');
  await workbench.waitForText(twin, /tf\.nn\.relu/);
  const text = await workbench.hover(twin, 'ldl_factor', /Left as written/);
  assert.match(text, /torch\.linalg\.ldl_factor/);
  await workbench.screenshot('leftover');
});

// The last one, since it leaves a page open in which F1 goes nowhere.
test('activation takes a moment only', LONG, async () => {
  const own = await workbench.ownActivationTime('diptych.diptych');
  await workbench.command('Developer: Show Running Extensions');
  const text = await workbench.activationTime('Diptych');
  console.log(`activation took ${own} ms; with waiting for other extensions, ${text}`);
  // Starting the server, or looking for interpreters, would take seconds.
  assert.ok(own < 100 * busy(), `${own} ms, ${text}, on a machine that is ${busy()} times slower`);
});
