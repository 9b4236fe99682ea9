import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edited, expired, merged } from '../../src/judged';
import type { EntryVerdict } from '../../src/protocol';

function verdict(entry: string, line: number): EntryVerdict {
  return { entry, line, verdict: 'identical', summary: 'identical' };
}

const TEXT = 'a\nb\nc\n';
const judged = merged([], [verdict('g', 3), verdict('f', 1)], TEXT, TEXT, undefined);

function insertion(line: number, text: string) {
  return { range: { start: { line, character: 0 }, end: { line, character: 0 } }, text };
}

test('verdicts stand in the order of the file', () => {
  assert.deepEqual(
    judged.map(({ entry, stale }) => [entry.entry, stale]),
    [
      ['f', false],
      ['g', false],
    ],
  );
});

test('an edit makes them stale and moves those below it; undoing it brings them back', () => {
  const after = edited(judged, [insertion(1, 'new\n')], 'a\nnew\nb\nc\n');
  assert.deepEqual(
    after.map(({ entry, stale }) => [entry.line, stale]),
    [
      [1, true],
      [4, true],
    ],
  );
  const removal = { range: { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } }, text: '' };
  assert.deepEqual(edited(after, [removal], TEXT), judged);
});

test('a run of one entry leaves the verdicts on the others, as stale as they are', () => {
  const text = `${TEXT}d\n`;
  const after = merged(edited(judged, [], text), [verdict('g', 3)], text, text, ['g']);
  assert.deepEqual(
    after.map(({ entry, stale }) => [entry.entry, stale]),
    [
      ['f', true],
      ['g', false],
    ],
  );
});

test('a run of all drops entries that are gone', () => {
  assert.deepEqual(
    merged(judged, [verdict('f', 1)], TEXT, TEXT, undefined).map(({ entry }) => entry.entry),
    ['f'],
  );
});

test('a verdict that comes after an edit is stale at once', () => {
  assert.equal(merged([], [verdict('f', 1)], TEXT, `${TEXT}d\n`, undefined)[0]?.stale, true);
});

test('what has expired stays so, whatever the text', () => {
  assert.ok(edited(expired(judged), [], TEXT).every(({ stale }) => stale));
});
