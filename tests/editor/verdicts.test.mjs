// The installed extension on code whose twin behaves differently: the line where the sides part, its fix, and the pictures of
// all that, in a light and a dark theme, that the walkthrough and the README show.
import { after, afterEach, before, test } from 'node:test';
import { Editor, interpreterWithoutDiptych } from './editor.mjs';
import { LONG, Workbench } from './workbench.mjs';

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;
/** @type {import('playwright-core').Page} */
let page;

const SMALL = { 'editor.fontSize': 12 };
const THEMES = { light: 'Default Light Modern', dark: 'Default Dark Modern' };

before(async () => {
  editor = await Editor.start({ name: 'verdicts', settings: SMALL, python: interpreterWithoutDiptych() });
  workbench = await Workbench.open(editor, { file: 'model.py', width: 1400, height: 600 });
  page = workbench.page;
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await workbench.ready();
}, LONG);

afterEach((test) => workbench?.pictureOfFailure(test));
after(() => editor?.stop());

/** @param {string} name */
async function pictures(name) {
  for (const [kind, theme] of Object.entries(THEMES)) {
    editor.set({ ...SMALL, 'workbench.colorTheme': theme });
    await page.locator(`.monaco-workbench.vs${kind === 'dark' ? '-dark' : ''}`).waitFor();
    await workbench.command('Notifications: Clear All Notifications');
    await page.locator('.notification-toast').first().waitFor({ state: 'hidden' });
    await page.mouse.move(600, 5);
    await workbench.stillPicture(`${name}-${kind}`);
  }
}

test('where the sides part, both lines show both values', LONG, async () => {
  await workbench.openFile('parted.py');
  const source = workbench.editor('parted.py');
  await workbench.focus(source);
  await workbench.command('Diptych: Verify Outputs');
  await workbench.status().filter({ hasText: '1 differs' }).waitFor();
  await workbench.command('Diptych: Show First Divergence');
  const twin = workbench.editor('parted.twin.py');
  await workbench.waitForText(twin, /def attention/);
  await workbench.waitForAnnotation(source, 'SCALE =', /first apart: \S+ here, \S+ in the twin/);
  await workbench.waitForAnnotation(source, 'def attention', /✗ differs/);
  await workbench.waitForAnnotation(twin, 'SCALE =', /first apart: \S+ here, \S+ in the source/);
  await pictures('divergence');
});

test('the test explorer holds the verdict', LONG, async () => {
  await workbench.command('Testing: Focus on Test Explorer View');
  const rows = page.locator('.test-explorer .monaco-list-row');
  const row = rows.filter({ hasText: 'attention' }).first();
  await workbench.attempt('unfold parted.py', async () => {
    await rows.filter({ hasText: 'parted.py' }).first().click();
    await page.keyboard.press('ArrowRight');
    await row.waitFor({ timeout: 10_000 });
  });
  await row.locator('[class*=testing-failed]').first().waitFor();
  await workbench.screenshot('test-explorer');
  await workbench.command('View: Toggle Primary Side Bar Visibility');
});

test('fixed and verified again, it is green', LONG, async () => {
  const source = workbench.editor('parted.py');
  await workbench.focus(source);
  await workbench.goTo(7);
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+Home');
  await page.keyboard.type('SCALE = 2.0');
  await workbench.waitForText(source, /^SCALE = 2\.0(?! if)/m);
  await workbench.status().filter({ hasText: 'stale' }).waitFor();
  await workbench.screenshot('divergence-stale');
  await workbench.command('Diptych: Verify Outputs');
  await workbench
    .status()
    .filter({ hasText: /equal within rounding|identical/ })
    .waitFor();
  await workbench.waitForAnnotation(source, 'def attention', /✓/);
  await workbench.screenshot('divergence-fixed');
});

test('the twin and its verdicts', LONG, async () => {
  await workbench.openFile('model.py');
  await workbench.focus(workbench.editor('model.py'));
  await workbench.command('Diptych: Show Twin Beside');
  await workbench.waitForText(workbench.editor('model.twin.py'), /tf\.nn\.relu/);
  await workbench.goTo(22);
  await pictures('twin');
  await workbench.command('Diptych: Verify Outputs');
  await workbench.status().filter({ hasText: 'equal within rounding' }).waitFor();
  await workbench.goTo(15);
  await pictures('verdicts');
});
