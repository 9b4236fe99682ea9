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

/**
 * One namespace of VS Code's API for all files of the bundle. esbuild would copy its hundreds of names for every file that
 * imports it, which took a third of the time that loading the extension takes.
 * @type {import('esbuild').Plugin}
 */
const oneApi = {
  name: 'one-api',
  setup(build) {
    const namespace = 'one-api';
    build.onResolve({ filter: /^vscode$/ }, ({ importer, kind }) =>
      kind === 'import-statement' && importer !== 'vscode'
        ? { path: 'vscode', namespace }
        : { path: 'vscode', external: true },
    );
    build.onLoad({ filter: /^vscode$/, namespace }, () => ({ contents: "export * from 'vscode';" }));
  },
};

await build({
  ...common,
  plugins: [oneApi],
  entryPoints: ['client/src/extension.ts', 'client/src/languageClient.ts'],
  outdir: 'client/dist',
  external: ['*/languageClient.js'],
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
  // A file each, which the suite's entry point finds in its folder and @vscode/test-cli by the pattern in .vscode-test.mjs.
  fs.rmSync('build/editor/suite', { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: ['client/test/suite/index.ts', 'client/test/suite/*.test.ts'],
    outdir: 'build/editor/suite',
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
