import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { openModel, until, visible } from './helpers';

async function textOf(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

describe('twins that are kept', () => {
  let source: vscode.TextDocument;
  let target: vscode.Uri;

  beforeEach(async () => {
    ({ document: source } = await openModel());
    target = vscode.Uri.joinPath(source.uri, '../kept_twin.py');
  });

  after(() => vscode.workspace.fs.delete(target, { useTrash: false }));

  it('are written where the user says', async () => {
    await vscode.commands.executeCommand('diptych.saveTwinAs', source.uri, target);
    assert.match(await textOf(target), /class Classifier\(keras/);
  });

  it('are written again while nobody has changed them, and never over changes made by hand', async () => {
    await vscode.commands.executeCommand('diptych.saveTwinAs', source.uri, target);
    const { document } = await vscode.window.showTextDocument(target);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(target, new vscode.Position(0, 0), '# by hand\n');
    await vscode.workspace.applyEdit(edit);
    await document.save();
    // It waits for an answer to its message.
    void vscode.commands.executeCommand('diptych.saveTwinAs', source.uri, target);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    assert.match(await textOf(target), /^# by hand\n/);
    await vscode.commands.executeCommand('notifications.clearAll');
  });

  it('do not replace the source by saving', async () => {
    const before = await textOf(source.uri);
    await vscode.commands.executeCommand('diptych.saveTwinAs', source.uri, source.uri);
    assert.equal(await textOf(source.uri), before);
    await vscode.commands.executeCommand('notifications.clearAll');
  });

  it('replace the source on demand, and one undo brings it back', async () => {
    const before = source.getText();
    await vscode.commands.executeCommand('diptych.replaceWithTwin');
    assert.match(source.getText(), /class Classifier\(keras/);
    assert.doesNotMatch(source.getText(), /^import torch$/m);
    await vscode.commands.executeCommand('undo');
    assert.equal(source.getText(), before);
  });

  it('are compared with the source', async () => {
    await vscode.commands.executeCommand('diptych.openDiff');
    const tab = await until('the diff', () => {
      const { activeTab } = vscode.window.tabGroups.activeTabGroup;
      return activeTab?.input instanceof vscode.TabInputTextDiff && activeTab;
    });
    assert.equal(tab.label, 'model.py: PyTorch ↔ TensorFlow');
  });

  it('switch their layout with the setting', async () => {
    await vscode.commands.executeCommand('diptych.showTwin');
    const twin = await until('the twin', () => visible('diptych'));
    await until('its text', () => twin.document.getText().includes('Conv2D'));
    const before = twin.document.getText();
    await vscode.commands.executeCommand('diptych.switchLayout');
    assert.equal(vscode.workspace.getConfiguration('diptych').get('twin.layout'), 'preserve');
    await until('the other layout', () => twin.document.getText() !== before);
    await vscode.commands.executeCommand('diptych.switchLayout');
    await until('the first layout', () => twin.document.getText() === before);
  });

  it('are made of what the clipboard holds', async () => {
    await vscode.env.clipboard.writeText('    import torch\n    y = torch.exp(x)\n');
    void vscode.commands.executeCommand('diptych.convertClipboard');
    const twin = await until('the twin', () => visible('diptych-selection'));
    await until('its text', () => /^y = .*exp\(x\)/m.test(twin.document.getText()));
    await vscode.commands.executeCommand('notifications.clearAll');
  });
});
