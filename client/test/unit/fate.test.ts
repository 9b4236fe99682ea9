import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fate } from '../../src/fate';

test('a new or empty file is written', () => {
  assert.equal(fate({ present: undefined, written: undefined, twin: 'a' }), 'write');
  assert.equal(fate({ present: '\n', written: 'b', twin: 'a' }), 'write');
});

test('what Diptych wrote and nobody changed is written again', () => {
  assert.equal(fate({ present: 'b', written: 'b', twin: 'a' }), 'write');
  assert.equal(fate({ present: 'a', written: 'b', twin: 'a' }), 'same');
});

test('what a person changed, or wrote, is merged', () => {
  assert.equal(fate({ present: 'c', written: 'b', twin: 'a' }), 'merge');
  assert.equal(fate({ present: 'c', written: undefined, twin: 'a' }), 'merge');
});
