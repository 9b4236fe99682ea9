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

  it('opens them beside on demand', async () => {
    await openModel();
    await vscode.commands.executeCommand('diptych.showResults');
    await until('the preview', () =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some(({ label }) => label.includes('Diptych results')),
    );
  });
});
