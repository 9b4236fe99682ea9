// A mistake in a model, in either framework: it is marked at its line, a quick-fix mends it, the twin follows, and both sides agree.
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Editor, interpreterWithoutDiptych } from './editor.mjs';
import { LONG, Workbench } from './workbench.mjs';

const PYTORCH = `import torch.nn.functional as F
from torch import nn


# diptych: x=float32[2,6]
class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(6, 4)

    def forward(self, x):
        return self.score(F.dropout(x, 0.5))
`;
const KERAS = `import keras
import tensorflow as tf


# diptych: x=float32[2,6]
class Head(keras.Model):
    def __init__(self):
        super().__init__()
        self.score = keras.layers.Dense(4, activation="relu")

    def call(self, x):
        return tf.log(1.0 + self.score(x))
`;

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;
/** @type {import('playwright-core').Page} */
let page;

before(async () => {
  editor = await Editor.start({ name: 'quickfix', python: interpreterWithoutDiptych() });
  fs.writeFileSync(path.join(editor.workspace, 'head_torch.py'), PYTORCH);
  fs.writeFileSync(path.join(editor.workspace, 'head_keras.py'), KERAS);
  workbench = await Workbench.open(editor, { file: 'head_torch.py' });
  page = workbench.page;
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await workbench.ready();
}, LONG);

afterEach((test) => workbench?.pictureOfFailure(test));
after(() => editor?.stop());

/**
 * Opens a file with its twin, mends the mistake on line 12 by the quick-fix of that title, and verifies.
 * @param {{ file: string, fix: string, mended: RegExp, twin: RegExp }} story
 */
async function mend({ file, fix, mended, twin }) {
  await workbench.command('View: Close All Editors');
  await workbench.openFile(file);
  const source = workbench.editor(file);
  await workbench.focus(source);
  await workbench.command('Diptych: Show Twin Beside');
  await source.locator('.squiggly-warning, .squiggly-error').first().waitFor();
  await workbench.screenshot(`mistake-${file}`);
  await workbench.attempt(`fix ${file}`, async () => {
    await workbench.focus(source);
    await workbench.goTo(12, 22);
    await page.keyboard.press('Control+.');
    const row = page.locator('.action-widget .monaco-list-row').filter({ hasText: fix }).first();
    await row.waitFor({ timeout: 30_000 });
    await workbench.screenshot(`quickfix-${file}`);
    await row.click();
  });
  await workbench.waitForText(source, mended);
  await workbench.waitForText(workbench.editor(file.replace('.py', '.twin.py')), twin);
  await workbench.focus(source);
  await workbench.command('Diptych: Verify Outputs');
  await workbench.waitForAnnotation(source, 'class Head', /✓ (equal within rounding|identical)/);
  await workbench.screenshot(`mended-${file}`);
  await workbench.command('File: Save');
}

test('a mistake in a PyTorch model is fixed by a click and verified', LONG, () =>
  mend({
    file: 'head_torch.py',
    fix: 'Ask the module for its mode',
    mended: /F\.dropout\(x, 0\.5, training=self\.training\)/,
    twin: /class Head\(keras\.Model\)/,
  }),
);

test('a mistake in a Keras model is fixed by a click and verified', LONG, () =>
  mend({
    file: 'head_keras.py',
    fix: 'tf.math.log',
    mended: /tf\.math\.log\(1\.0/,
    twin: /class Head\(nn\.Module\)[\s\S]*torch\.log/,
  }),
);
