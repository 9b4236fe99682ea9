import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryVerdict } from '../../src/protocol';
import { report } from '../../src/report';
import { count, explanation, worst } from '../../src/verdicts';

const good: EntryVerdict = {
  entry: 'activate',
  verdict: 'equal within rounding',
  line: 9,
  summary: 'equal within rounding: largest difference 1.2e-07 in output, same on 24 samples',
  samples: 24,
  largest: { where: 'output', absolute: 1.1920929e-7, index: [0, 3] },
  versions: { torch: '2.13.0', tensorflow: '2.21.0' },
  kinks: [],
};
const bad: EntryVerdict = {
  entry: '__init__|x',
  verdict: 'differs',
  line: 4,
  summary: 'differs: off by 2',
  reason: 'off by 2 * 3 in <b>',
  output: 'Traceback\n  ```\nValueError',
};

function render(entries: EntryVerdict[], stale = false): string {
  return report({ name: 'model.py', entries, finished: new Date(0), stale });
}

test('what needs attention comes first', () => {
  const text = render([good, bad]);
  assert.ok(text.indexOf('✗') < text.indexOf('✓'));
  assert.match(text, /\*\*model\.py\*\* · 1 differs, 1 equal within rounding · /);
});

test('the evidence is shown in words, without what is empty', () => {
  const text = render([good]);
  assert.match(text, /\| Samples \| 24 \|/);
  assert.match(text, /where: output<br>absolute: 1\.19e-7<br>index: `\[0, 3\]`/);
  assert.match(text, /torch: 2\.13\.0<br>tensorflow: 2\.21\.0/);
  assert.doesNotMatch(text, /Kinks/);
  assert.ok(
    text.indexOf('Largest difference |') < text.indexOf('Samples') &&
      text.indexOf('Samples') < text.indexOf('Versions'),
  );
  assert.match(text, /^Largest difference 1\.2e-07/m);
});

test('text from the code cannot break the document', () => {
  const text = render([bad]);
  assert.match(text, /\| `__init__\\\|x` \| 4 \|/);
  assert.match(text, /Off by 2 \\\* 3 in \\<b\\>\./);
  assert.match(text, /````text\nTraceback\n {2}```\nValueError\n````/);
});

test('stale and empty results say so', () => {
  assert.match(render([good], true), /\*\*stale\*\*/);
  assert.doesNotMatch(render([good]), /stale/);
  assert.match(render([]), /# diptych: x=float32/);
});

test('the worst verdict stands for all', () => {
  assert.equal(worst([good, bad]), 'differs');
  assert.equal(worst([good]), 'equal within rounding');
  assert.equal(worst([]), undefined);
  assert.equal(count([good, good, bad]), '1 differs, 2 equal within rounding');
});

test('an explanation does not repeat the verdict', () => {
  assert.equal(explanation({ ...bad, reason: '' }), 'off by 2');
  assert.equal(explanation(bad), 'off by 2 * 3 in <b>');
});
