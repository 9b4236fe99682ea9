import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from './helpers';

async function openNotebook(): Promise<vscode.NotebookDocument> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'a workspace is open');
  const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.joinPath(folder.uri, 'model.ipynb'));
  await vscode.window.showNotebookDocument(notebook);
  return notebook;
}

const texts = (notebook: vscode.NotebookDocument) => notebook.getCells().map(({ document }) => document.getText());

describe('notebooks', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor'));

  it('get the twin of a cell below it, and one undo takes it away', async () => {
    const notebook = await openNotebook();
    const before = texts(notebook);
    await vscode.commands.executeCommand('diptych.convertCell', notebook.cellAt(2));
    await until('the twin', () => notebook.cellCount === before.length + 1);
    const twin = notebook.cellAt(3).document;
    assert.equal(twin.languageId, 'python');
    assert.match(twin.getText(), /^import keras\nimport tensorflow as tf\n\nclass Head\(keras\.Model\)/);
    assert.deepEqual(
      texts(notebook).filter((_, place) => place !== 3),
      before,
    );
    await vscode.commands.executeCommand('undo');
    await until('the notebook as it was', () => notebook.cellCount === before.length);
    assert.deepEqual(texts(notebook), before);
  });

  it('convert the selected cell without being told which', async () => {
    const notebook = await openNotebook();
    const editor = vscode.window.activeNotebookEditor;
    assert.ok(editor);
    editor.selection = new vscode.NotebookRange(3, 4);
    await vscode.commands.executeCommand('diptych.convertCell');
    await until('the twin', () => notebook.cellCount === 5);
    assert.match(notebook.cellAt(4).document.getText(), /^!nvidia-smi\nimport tensorflow as tf\n\nhead = Head\(\)\n/);
    await vscode.commands.executeCommand('undo');
  });

  it('become a notebook of their own, with text and commands where they were', async () => {
    const notebook = await openNotebook();
    const before = texts(notebook);
    const twin = await vscode.commands.executeCommand<vscode.NotebookDocument>('diptych.convertNotebook');
    assert.notEqual(twin.uri.toString(), notebook.uri.toString());
    assert.equal(twin.isUntitled, true);
    const [title, imports = '', model = '', use = ''] = texts(twin);
    assert.equal(title, before[0]);
    assert.match(imports, /^%matplotlib inline\nimport keras\nimport tensorflow as tf$/);
    assert.match(model, /^class Head\(keras\.Model\)/);
    assert.match(use, /^!nvidia-smi\nhead = Head\(\)\ntf\.reduce_sum/);
    assert.deepEqual(texts(notebook), before);
  });
});
