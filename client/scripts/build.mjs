// Bundles the extension, and with --tests also its tests: the units, and the Mocha suite for the extension host.
import fs from 'node:fs';
import { build } from 'esbuild';

const tests = process.argv.includes('--tests');
/** @satisfies {import('esbuild').BuildOptions} */
const common = /** @type {const} */ ({
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
});

await build({
  ...common,
  entryPoints: ['client/src/extension.ts', 'client/src/languageClient.ts'],
  outdir: 'client/dist',
  external: ['vscode', '*/languageClient.js'],
  minify: !tests,
  sourcemap: tests,
});
// What the server needs is said once, in pyproject.toml.
const [, listed = ''] = /^dependencies = \[\n([^\]]*)\]/m.exec(fs.readFileSync('pyproject.toml', 'utf8')) ?? [];
const requirements = [...listed.matchAll(/"([^"]+)"/g)].map(([, requirement]) => requirement);
if (!requirements.length) {
  throw new Error('pyproject.toml lists no dependencies');
}
fs.writeFileSync('client/dist/requirements.txt', `${requirements.join('\n')}\n`);
if (tests) {
  await build({
    ...common,
    entryPoints: ['client/test/suite/index.ts'],
    outfile: 'build/editor/suite/index.js',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
  });
  await build({
    ...common,
    entryPoints: ['client/test/unit/*.test.ts'],
    outdir: 'build/editor/unit',
    sourcemap: 'inline',
  });
}
