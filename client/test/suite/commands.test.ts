import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { EXTENSION, lineOf, openModel, until, visible } from './helpers';

describe('commands', () => {
  before(async () => {
    await openModel();
    await vscode.extensions.getExtension(EXTENSION)?.activate();
  });

  it('are all registered', async () => {
    const extension = vscode.extensions.getExtension(EXTENSION);
    assert.ok(extension);
    const commands: { command: string }[] = extension.packageJSON.contributes.commands;
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const { command } of commands) {
      assert.ok(registered.has(command), command);
    }
  });

  it('converts a selection into a document beside', async () => {
    const editor = await openModel();
    const line = lineOf(editor.document, 'F.relu(torch.add');
    editor.selection = new vscode.Selection(line, 4, line, editor.document.lineAt(line).text.length);
    await vscode.commands.executeCommand('diptych.convertSelection');
    const twin = await until('the converted selection', () => visible('diptych-selection'));
    assert.match(twin.document.getText(), /tf\.nn\.relu/);
    assert.doesNotMatch(twin.document.getText(), /class Classifier/);
    assert.equal(twin.document.languageId, 'python');
    assert.notEqual(twin.viewColumn, editor.viewColumn);
  });

  it('converts a file into an unsaved file of its own', async () => {
    const { document } = await openModel();
    await vscode.commands.executeCommand('diptych.convertFile');
    const twin = await until('the converted file', () => visible('untitled'));
    assert.match(twin.document.uri.path, /\/model_tensorflow\.py$/);
    assert.match(twin.document.getText(), /class Classifier\(keras/);
    assert.equal(document.isDirty, false);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('shows what the doctor found', async () => {
    await openModel();
    const text = await vscode.commands.executeCommand<string>('diptych.doctor');
    assert.match(text, /Server: running on Python 3/);
    assert.match(text, /\| PyTorch \| 2\.\d+[^|]*\| 3\.\d+[^|]*\| `[^`]+` \| used \|/);
    assert.match(text, /\| TensorFlow \| 2\./);
    await until('the page', () =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some(({ label }) => label.includes('Diptych Doctor')),
    );
  });

  it('answers again after the server was restarted', async () => {
    await openModel();
    await vscode.commands.executeCommand('diptych.restartServer');
    await vscode.commands.executeCommand('diptych.showTwin');
    await until('the twin', () => visible('diptych')?.document.getText().includes('tf.'));
  });
});
