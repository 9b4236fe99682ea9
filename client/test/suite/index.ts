// Entry point of the Mocha suite; the editor calls `run` inside its extension host.
import * as fs from 'node:fs';
import * as path from 'node:path';
import Mocha from 'mocha';

/** Marks the lines that are this suite's among everything that the editor logs. */
const MARK = '[suite]';

/** The events are enough: a reporter of Mocha's own would mix with what the editor logs. */
class Silent extends Mocha.reporters.Base {}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 300_000, reporter: Silent });
  for (const name of fs.readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.js')) {
      mocha.addFile(path.join(__dirname, name));
    }
  }
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => console.log(`${MARK} ok   ${test.fullTitle()} (${test.duration} ms)`));
    runner.on('fail', (test, error) => console.log(`${MARK} FAIL ${test.fullTitle()}\n${error.stack ?? error}`));
  });
  if (failures) {
    throw new Error(`${failures} failed`);
  }
}
