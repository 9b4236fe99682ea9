import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wait } from '../../src/pace';

test('a key by itself is followed at once, however long converting takes', () => {
  assert.equal(wait({ delay: 60, took: 500, rested: 200 }), 0);
  assert.equal(wait({ delay: 60, took: undefined, rested: undefined }), 0);
});

test('of keys in quick succession only the last is followed, unless converting is quick', () => {
  assert.equal(wait({ delay: 60, took: 500, rested: 30 }), 60);
  assert.equal(wait({ delay: 60, took: 40, rested: 30 }), 0);
});
