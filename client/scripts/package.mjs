// Builds build/diptych-VERSION.vsix: the bundled client and the server's Python source with its rules.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const LIMIT = 5 * 1024 * 1024;
const manifest = JSON.parse(fs.readFileSync('package.json', 'utf8'));
const stage = path.resolve('build/vsix');
const target = path.resolve(`build/diptych-${manifest.version}.vsix`);

fs.rmSync(stage, { recursive: true, force: true });
fs.mkdirSync(stage, { recursive: true });
copy('client/dist/extension.js');
copy('client/dist/languageClient.js');
copy('client/dist/requirements.txt');
copy('client/images');
copy('LICENSE');
if (fs.existsSync('CHANGELOG.md')) {
  copy('CHANGELOG.md');
}
copy('client/README.md', 'README.md');
// The server is not installed by hand: it runs from here in any interpreter that has its dependencies.
copy('server/diptych');
copy('rules', 'server/diptych/rules');
const { devDependencies: _, ...shipped } = manifest;
fs.writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify({ ...shipped, files: ['**'] }, null, 2)}\n`);

const vsce = path.resolve('node_modules/@vscode/vsce/vsce');
// Images stand in the VSIX beside the README: no repository to take them from is needed.
const kept = ['--no-rewrite-relative-links', '--allow-missing-repository'];
const options = ['package', '--no-dependencies', ...kept, '--out', target];
execFileSync(process.execPath, [vsce, ...options], { cwd: stage, stdio: 'inherit' });
const { size } = fs.statSync(target);
if (size > LIMIT) {
  throw new Error(`${target} has ${size} bytes; the limit is ${LIMIT}`);
}

/**
 * Copies a file or folder into the stage, leaving out what Python and editors drop beside the sources.
 * @param {string} from
 * @param {string} [to]
 */
function copy(from, to = from) {
  fs.cpSync(from, path.join(stage, to), {
    recursive: true,
    filter: (source) => !/(^|\/)(__pycache__|\.[^/]+)$|\.pyc$/.test(source),
  });
}
