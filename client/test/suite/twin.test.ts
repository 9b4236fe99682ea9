import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { lineOf, openModel, until, visible } from './helpers';

describe('the twin', () => {
  let source: vscode.TextEditor;
  let twin: vscode.TextEditor;

  beforeEach(async () => {
    source = await openModel();
    await vscode.commands.executeCommand('diptych.showTwin');
    twin = await until('the twin', () => visible('diptych'));
    await until('its text', () => twin.document.getText().includes('tf.nn.relu'));
  });

  afterEach(async () => {
    await vscode.window.showTextDocument(source.document, vscode.ViewColumn.One);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('is Python, beside the source, and leaves the focus there', () => {
    assert.equal(twin.document.languageId, 'python');
    assert.equal(twin.viewColumn, vscode.ViewColumn.Two);
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), source.document.uri.toString());
  });

  it('is opened once, however often it is asked for', async () => {
    await vscode.commands.executeCommand('diptych.showTwin');
    await vscode.commands.executeCommand('diptych.showTwin');
    const twins = vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(({ input }) => input instanceof vscode.TabInputText && input.uri.scheme === 'diptych');
    assert.equal(twins.length, 1);
  });

  it('follows an edit', async () => {
    const line = lineOf(source.document, 'F.relu(torch.add');
    await source.edit((edit) => edit.insert(new vscode.Position(line, 0), '    x = torch.exp(x)\n'));
    const end = Date.now();
    await until('the edit in the twin', () => /\bexp\(x\)/.test(twin.document.getText()));
    console.log(`      the twin followed after ${Date.now() - end} ms`);
  });

  it('keeps the last text while the source does not parse, then follows again', async () => {
    const before = twin.document.getText();
    const end = new vscode.Position(source.document.lineCount, 0);
    await source.edit((edit) => edit.insert(end, 'def broken(:\n'));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.match(twin.document.getText(), /class Classifier\(keras/);
    await vscode.commands.executeCommand('undo');
    await until('the first text again', () => twin.document.getText() === before);
  });

  it('survives many keys in a row, ending at the newest text', async () => {
    const line = lineOf(source.document, 'class Classifier');
    for (let number = 0; number < 30; number++) {
      await source.edit((edit) =>
        edit.insert(new vscode.Position(line - 1, 0), `step_${number} = torch.zeros(${number})\n`),
      );
    }
    await until('the last of them', () => twin.document.getText().includes('step_29 = tf.'));
  });

  it('scrolls with its source', async () => {
    const filler = Array.from({ length: 120 }, (_, number) => `value_${number} = torch.zeros(${number})\n`).join('');
    const end = new vscode.Position(source.document.lineCount, 0);
    await source.edit((edit) => edit.insert(end, filler));
    await until('the filler in the twin', () => twin.document.getText().includes('value_119'));
    const line = lineOf(source.document, 'value_60 ');
    source.revealRange(new vscode.Range(line, 0, line, 0), vscode.TextEditorRevealType.AtTop);
    await until('both to show the same code', () => {
      const [left, right] = [source, twin].map(({ document, visibleRanges: [range] }) => {
        const level = range ? Math.round((range.start.line * 2 + range.end.line) / 3) : 0;
        return Number(document.lineAt(level).text.match(/^value_(\d+)/)?.[1]);
      });
      return Math.abs((left ?? Number.NaN) - (right ?? Number.NaN)) <= 2;
    });
  });
});
