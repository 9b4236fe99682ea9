// The language server is killed, as by a system that is short of memory: the window has another one in a moment,
// and the twin goes on following.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { Editor, interpreterWithoutDiptych } from './editor.mjs';
import { LONG, until, Workbench } from './workbench.mjs';

/** @type {Editor} */
let editor;
/** @type {Workbench} */
let workbench;

before(async () => {
  editor = await Editor.start({ name: 'recovery', python: interpreterWithoutDiptych() });
  workbench = await Workbench.open(editor, { file: 'model.py' });
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await workbench.ready();
}, LONG);

afterEach((test) => workbench?.pictureOfFailure(test));
after(() => editor?.stop());

/** The processes of this window's language server. */
function servers() {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => /-m diptych lsp/.test(line) && environment(line).includes(editor.folder))
    .map((line) => parseInt(line, 10));
}

/** What the process in a line of `ps` was started with. @param {string} line */
function environment(line) {
  try {
    return fs.readFileSync(`/proc/${parseInt(line, 10)}/environ`, 'utf8');
  } catch {
    return '';
  }
}

async function kill() {
  await until('a server', () => servers().length > 0);
  const [pid = 0] = servers();
  process.kill(pid, 'SIGKILL');
  await until('its end', () => !servers().includes(pid));
}

/** Types a line at the end of the file and waits for it in the twin. @param {string} line @param {RegExp} twin */
async function follows(line, twin) {
  await workbench.focus(workbench.editor('model.py'));
  await workbench.page.keyboard.press('Control+End');
  await workbench.page.keyboard.type(`\n${line}`);
  await workbench.waitForText(workbench.editor('twin.py'), twin);
}

test('the twin follows again after the server was killed', LONG, async () => {
  await workbench.focus(workbench.editor('model.py'));
  await workbench.command('Diptych: Show Twin Beside');
  await workbench.waitForText(workbench.editor('twin.py'), /tf\.nn\.relu/);
  await kill();
  await follows('first = torch.exp(torch.ones(3))', /first = tf\.exp/);
});
