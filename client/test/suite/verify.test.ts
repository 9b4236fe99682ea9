import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { VerifyResult } from '../../src/protocol';
import { lineOf, openModel, until } from './helpers';

describe('verification', function () {
  // The first run imports both frameworks.
  this.timeout(240_000);

  it('runs both sides and gives a verdict for every entry', async () => {
    const { document } = await openModel();
    const result = await vscode.commands.executeCommand<VerifyResult>('diptych.verify');
    const verdicts = Object.fromEntries(result.entries.map(({ entry, verdict }) => [entry, verdict]));
    assert.deepEqual(Object.keys(verdicts).sort(), ['Classifier', 'activate', 'loss']);
    assert.match(verdicts.activate ?? '', /identical|equal within rounding/, JSON.stringify(result));
    const entry = result.entries.find(({ entry }) => entry === 'Classifier');
    assert.equal((entry?.line ?? 0) - 1, lineOf(document, 'class Classifier'));
  });

  it('shows the results as a document, and says when they are stale', async () => {
    const { document } = await openModel();
    const query = document.uri.toString();
    const uri = vscode.Uri.from({ scheme: 'diptych-results', path: '/Diptych results.md', query });
    const results = await vscode.workspace.openTextDocument(uri);
    assert.match(results.getText(), /# Diptych results/);
    assert.match(results.getText(), /Classifier/);
    assert.doesNotMatch(results.getText(), /stale/);
    await vscode.window.activeTextEditor?.edit((edit) => edit.insert(new vscode.Position(0, 0), '# one line more\n'));
    await until('the results to be stale', () => /stale/.test(results.getText()));
    const row = results.getText().match(/`Classifier` \| (\d+)/);
    assert.equal(Number(row?.[1]) - 1, lineOf(document, 'class Classifier'));
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('forgets that they are stale when the text is the verified one again', async () => {
    const { document } = await openModel();
    const copied = async () => String(await vscode.commands.executeCommand('diptych.copyEvidence'));
    assert.doesNotMatch(await copied(), /stale/);
    await vscode.window.activeTextEditor?.edit((edit) => edit.insert(new vscode.Position(0, 0), '\n'));
    assert.match(await copied(), /stale/);
    await vscode.commands.executeCommand('undo');
    assert.doesNotMatch(await copied(), /stale/);
    assert.equal(document.isDirty, false);
  });

  it('copies the evidence of one entry as Markdown', async () => {
    const { document } = await openModel();
    const text = await vscode.commands.executeCommand<string>('diptych.copyEvidence', document.uri, 'activate');
    assert.match(text, /## ✓ activate/);
    assert.match(text, /\| Inputs \| x: float32/);
    assert.doesNotMatch(text, /Classifier/);
    assert.equal(await vscode.env.clipboard.readText(), text);
  });

  it('verifies one entry again with inputs that are kept as a comment', async () => {
    const { document } = await openModel();
    const given = [document.uri, 'activate', 'x=float32[5,7]'];
    const result = await vscode.commands.executeCommand<VerifyResult>('diptych.verifyWithInputs', ...given);
    assert.deepEqual(
      result.entries.map(({ entry, inputs }) => [entry, inputs]),
      [['activate', { x: 'float32[5,7]' }]],
    );
    assert.match(document.getText(), /^# diptych: x=float32\[5,7\]\ndef activate/m);
    assert.equal(document.getText().match(/diptych: x=/g)?.length, 2);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('opens them beside on demand', async () => {
    await openModel();
    await vscode.commands.executeCommand('diptych.showResults');
    await until('the preview', () =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some(({ label }) => label.includes('Diptych results')),
    );
  });
});
