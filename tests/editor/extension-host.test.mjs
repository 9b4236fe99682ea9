// Runs the Mocha suite of client/test/suite inside the extension host, as VS Code's own test runner would.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format } from 'node:util';
import { Editor } from './editor.mjs';
import { ROOT, SUITE } from './places.mjs';
import { Workbench } from './workbench.mjs';

const PATIENCE = 900_000;
test('the Mocha suite passes inside the extension host', { timeout: PATIENCE + 30_000 }, async (context) => {
  const editor = await Editor.start({ name: 'extension-host', install: false });
  context.after(() => editor.stop());
  /** @type {string[]} */
  const output = [];
  /** @type {(code: number | string) => void} */
  let finish = () => {};
  const finished = new Promise((resolve) => {
    finish = resolve;
  });
  const page = await editor.open({
    development: { extensions: [editor.uri(ROOT)], extensionTestsPath: editor.uri(SUITE) },
    expose: {
      codeAutomationLog: (_type, values) => {
        const line = format(...values);
        if (line.startsWith('[suite]')) {
          output.push(line.slice('[suite] '.length));
        }
      },
      codeAutomationExit: (code) => finish(code),
    },
  });
  const late = setTimeout(() => finish('no end within the time'), PATIENCE);
  const code = await finished;
  clearTimeout(late);
  console.log(output.join('\n'));
  if (code !== 0) {
    // Messages in the window often tell more than the test that waited in vain.
    await new Workbench(page, editor.name).screenshot('failed-extension-host');
  }
  assert.equal(code, 0, output.join('\n'));
});
