import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryVerdict } from '../../src/protocol';
import { inBrief } from '../../src/verdicts';

const entry: EntryVerdict = {
  entry: 'net',
  verdict: 'equal within rounding',
  summary: 'largest difference 1.2e-07 in the result, same on 6 samples (eager)',
  line: 3,
  largest: { absolute: 1.2345e-7 },
};

test('where the sides agree, a line ends with how far they are apart', () => {
  assert.equal(inBrief(entry), 'equal within rounding · largest difference 1.2e-7');
  assert.equal(inBrief({ ...entry, verdict: 'identical' }), 'identical');
});

test('where they do not, with the first line of what is wrong', () => {
  const differs: EntryVerdict = { ...entry, verdict: 'differs', summary: 'differs: off by 0.1\nat [0]' };
  assert.equal(inBrief(differs), 'differs · off by 0.1');
  assert.equal(inBrief({ ...differs, verdict: 'undecided', reason: 'no inputs' }), 'undecided · no inputs');
  assert.equal(inBrief({ ...entry, largest: { absolute: 'nan' } }), `${entry.verdict} · ${entry.summary}`);
});
