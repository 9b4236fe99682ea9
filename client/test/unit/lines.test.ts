import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineMap } from '../../src/lines';

// Source lines 1, 2, 5 and 9 stand in the twin at 1, 3, 6 and 7; line 5 became two statements.
const map = new LineMap([
  [9, 9],
  [1, 1],
  [5, 7],
  [2, 3],
  [5, 6],
]);

test('a line belongs to the statement that begins at it or before it', () => {
  assert.deepEqual(map.toTwin(0), { first: 0, last: 0 });
  assert.deepEqual(map.toTwin(1), { first: 2, last: 2 });
  assert.deepEqual(map.toTwin(3), { first: 2, last: 2 });
  assert.deepEqual(map.toSource(3), { first: 1, last: 1 });
});

test('a statement that became several is marked whole, and each of them leads back', () => {
  assert.deepEqual(map.toTwin(4), { first: 5, last: 6 });
  assert.deepEqual(map.toSource(5), { first: 4, last: 4 });
  assert.deepEqual(map.toSource(6), { first: 4, last: 4 });
});

test('nothing is known before the first statement, or without any', () => {
  const late = new LineMap([[3, 3]]);
  assert.equal(late.toTwin(0), undefined);
  assert.equal(new LineMap([]).toTwin(5), undefined);
  assert.equal(new LineMap([]).scrollToTwin(5), 5);
});

test('scrolling is steady between statements and beyond the last', () => {
  assert.equal(map.scrollToTwin(0), 0);
  assert.equal(map.scrollToTwin(1), 2);
  assert.equal(map.scrollToTwin(2.5), 3.5);
  assert.equal(map.scrollToTwin(10), 10);
  assert.equal(map.scrollToSource(map.scrollToTwin(3)), 3);
});

test('a statement that moved up does not make the other side jump back', () => {
  const moved = new LineMap([
    [1, 1],
    [10, 12],
    [11, 2],
    [20, 22],
  ]);
  const tops = Array.from({ length: 20 }, (_, line) => moved.scrollToTwin(line));
  assert.deepEqual(
    tops,
    [...tops].sort((a, b) => a - b),
  );
  assert.deepEqual(moved.toTwin(10), { first: 1, last: 1 });
});
