import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as vscode from 'vscode';
import { Marks } from '../../src/marks';

test('an editor is told of marks, and once that there are none any more', () => {
  const told: number[] = [];
  const editor = {
    setDecorations: (_: unknown, marks: readonly unknown[]) => told.push(marks.length),
  } as unknown as vscode.TextEditor;
  const marks = new Marks({} as vscode.TextEditorDecorationType);
  const one = {} as vscode.DecorationOptions;
  for (const drawn of [[], [one], [one, one], [], [], [one]]) {
    marks.draw(editor, drawn);
  }
  assert.deepEqual(told, [1, 2, 0, 1]);
});
