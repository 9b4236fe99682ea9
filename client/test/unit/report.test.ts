import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apart, described, told } from '../../src/apart';
import { bar, columns } from '../../src/plots';
import type { EntryVerdict, LinePair, Place } from '../../src/protocol';
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

const parted: EntryVerdict = {
  ...bad,
  divergence: {
    kind: 'value',
    name: 'y',
    text: 'y is off by 1',
    source: place(5, 'y = 2 * x', 0.731, [1, 0.731], null),
    twin: place(7, 'y = 3 * x', 'nan', [1, 'nan'], 3),
    index: [1, 0],
    causes: ['the factor'],
  },
};

function place(
  line: number,
  text: string,
  value: number | string,
  numbers: (number | string)[],
  made: number | null,
): Place {
  return { line, text, shape: [2, 2], dtype: 'float32', value, numbers, counts: [], span: null, made };
}

function render(entries: EntryVerdict[], stale = false): string {
  const judged = entries.map((entry) => ({ entry, text: '', stale }));
  return report({ name: 'model.py', judged, finished: new Date(0) });
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

test('a divergence shows both lines with both values', () => {
  const text = render([parted]);
  assert.match(text, /\| Side \| Line \| Code \| Shape \| Value at \[1, 0\] \| First values \|/);
  assert.match(text, /\| Source \| 5 \| `y = 2 \* x` \| `float32\[2,2\]` \| 0\.731 \| `\[1, 0\.731\]` \|/);
  assert.match(text, /\| Twin \| 7, made on 3 \| `y = 3 \* x` \|.*\| nan \| 1, nan \|/);
  assert.match(text, /Likely: the factor/);
  assert.doesNotMatch(text, /Divergence \|/);
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

test('both values of a divergence fit at the end of a line, seen from either side', () => {
  assert.ok(parted.divergence);
  assert.equal(apart(parted.divergence, 'source'), '0.731 here, nan in the twin, at [1, 0]');
  assert.equal(apart(parted.divergence, 'twin'), 'nan here, 0.731 in the source, at [1, 0]');
  const { source } = parted.divergence;
  assert.ok(source);
  const shapes = { ...parted.divergence, source: { ...source, value: null, shape: [4] } };
  assert.equal(apart(shapes, 'source'), 'float32[4] here, float32[2,2] in the twin');
  assert.equal(apart({ ...shapes, twin: null }, 'source'), 'y is off by 1');
  assert.match(described(parted.divergence, 'twin'), /^line 7: y = 3 \* x\nfloat32\[2,2\]\n\[1, 0\]: nan\n/);
});

const pair: LinePair = {
  name: 'y',
  source: place(5, 'y = 2 * x', 0.731, [1, 0.731], null),
  twin: place(7, 'y = 2 * x', 0.731, [1, 0.731], null),
  status: 'rounding',
  passes: 3,
  worst: 2,
  absolute: 1.1920929e-7,
  relative: 1e-7,
};

test('what each line assigned is a table with a bar for the difference', () => {
  const text = render([{ ...good, lines: [pair, { ...pair, status: 'identical', absolute: 0, passes: 1 }] }]);
  assert.match(text, /\| 5 \| 7 \| `y` \| `float32\[2,2\]` \| {2}\| 1\.2e-7 apart \(pass 2 of 3\) \| █{4} \|/);
  assert.match(text, /\| 5 \| 7 \| `y` \| `float32\[2,2\]` \| {2}\| the same bits \| {2}\|/);
  assert.match(text, /\| `activate` \| 9 \| equal within rounding \| 1\.19e-7 \| █{4} \|/);
  assert.equal(told(pair), 'y float32[2,2], 1.2e-7 apart');
  assert.equal(told({ ...pair, status: 'differs', absolute: 'nan' }), 'y float32[2,2], differs');
  assert.equal(told({ ...pair, status: 'not compared', absolute: null }), 'y float32[2,2]');
});

test('how values are spread is drawn, once where it is the same on both sides', () => {
  const spread = (side: Place, counts: number[]): Place => ({ ...side, counts, span: [-1, 2.5] });
  const same = { ...pair, source: spread(pair.source, [0, 7, 3]), twin: spread(pair.twin, [0, 7, 3]) };
  assert.match(render([{ ...good, lines: [same] }]), /\| `float32\[2,2\]` \| ▁█▄ \|/);
  const other = { ...same, twin: spread(pair.twin, [7, 0, 3]) };
  assert.match(render([{ ...good, lines: [other] }]), /\| ▁█▄<br>█▁▄ \|/);
  assert.ok(parted.divergence);
  const text = render([{ ...parted, divergence: { ...parted.divergence, source: same.source, twin: other.twin } }]);
  assert.match(text, /\| First values \| All, from -1 to 2\.5 \|/);
  assert.match(text, /\| Twin \|.*\| █▁▄ \|/);
});

test('bars grow by powers of ten, and columns of both sides have one scale', () => {
  assert.deepEqual(
    [0, 1e-30, 1e-9, 0.5, 1e6, 'nan', null].map((value) => bar(value).length),
    [0, 1, 1, 10, 10, 10, 0],
  );
  assert.deepEqual(
    columns([
      [0, 7],
      [3.5, 'nan'],
    ]),
    ['▁█', '▅ '],
  );
});
