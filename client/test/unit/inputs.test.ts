import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaint, inputsComment } from '../../src/inputs';

const lines = [
  'import torch',
  '',
  '# diptych: x=float32[2,3]',
  '# A note.',
  '@torch.compile',
  'def f(x):',
  '    return x',
  '',
  '# diptych: not converted: torch.foo: no rule',
  '    def g(x):',
];

test('the comment is found above decorators and other comments', () => {
  assert.deepEqual(inputsComment(lines, 5), { line: 2, text: 'x=float32[2,3]', indent: '' });
});

test('where there is none, it goes above the decorators; what Diptych wrote itself is none', () => {
  assert.deepEqual(inputsComment(lines.slice(4), 1), { line: 0, text: undefined, indent: '' });
  assert.deepEqual(inputsComment(lines, 9), { line: 9, text: undefined, indent: '    ' });
});

test('what is no list of inputs is turned down with an example', () => {
  assert.equal(complaint('x=float32[2]'), undefined);
  assert.match(complaint('float32[2]') ?? '', /x=float32\[2,3,32,32\]/);
});
