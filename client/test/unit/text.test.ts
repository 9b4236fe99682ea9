import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dedented } from '../../src/text';

test('shared indentation goes, the rest stays', () => {
  assert.equal(dedented('    def f():\n        return 1\n\n    x = 2\n'), 'def f():\n    return 1\n\nx = 2\n');
  assert.equal(dedented('\tx\n  y'), '\tx\n  y');
  assert.equal(dedented('a\n  b'), 'a\n  b');
});
