// What one does with a verdict: copy its evidence, and run it again on inputs of one's own.
import * as vscode from 'vscode';
import { complaint, inputsComment } from './inputs';
import type { VerifyResult } from './protocol';
import type { ResultStore } from './results';
import type { Tests } from './testing';

export async function copyEvidence(
  source: vscode.Uri,
  entry: string | undefined,
  store: ResultStore,
): Promise<string | undefined> {
  const text = store.markdown(source, entry);
  if (text === undefined) {
    void vscode.window.showInformationMessage('There is no verdict to copy yet. Run "Diptych: Verify Outputs" first.');
    return undefined;
  }
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage('Diptych: the evidence is copied, as Markdown.', 5_000);
  return text;
}

/** Asks for the inputs of an entry, keeps them as a `# diptych:` comment above it, and verifies it. */
export async function verifyWithInputs(
  source: vscode.TextDocument,
  entry: string | undefined,
  tests: Tests,
  store: ResultStore,
  typed?: string,
): Promise<VerifyResult | undefined> {
  const item = await chosen(source, entry, tests);
  if (!item?.range) {
    return undefined;
  }
  const lines = source.getText().split(/\r?\n/);
  const comment = inputsComment(lines, item.range.start.line);
  const used = store.get(source.uri)?.judged.find((judged) => judged.entry.entry === item.id)?.entry.inputs;
  const value =
    comment.text ??
    Object.entries(used ?? {})
      .map(([name, spec]) => `${name}=${spec}`)
      .join(', ');
  const inputs =
    typed ??
    (await vscode.window.showInputBox({
      title: `Inputs of ${item.id}`,
      prompt: 'They are kept as a comment above the definition. Shapes are in the order of axes of this file.',
      placeHolder: 'x=float32[2,3,32,32], n=int64[4] in 0..9, k=3',
      value,
      ignoreFocusOut: true,
      validateInput: complaint,
    }));
  if (inputs === undefined) {
    return undefined;
  }
  const line = `${comment.indent}# diptych: ${inputs.trim()}`;
  const edit = new vscode.WorkspaceEdit();
  if (comment.text === undefined) {
    edit.insert(source.uri, new vscode.Position(comment.line, 0), `${line}\n`);
  } else {
    edit.replace(source.uri, source.lineAt(comment.line).range, line);
  }
  await vscode.workspace.applyEdit(edit);
  return tests.verify(source, { entry: item.id });
}

async function chosen(
  source: vscode.TextDocument,
  entry: string | undefined,
  tests: Tests,
): Promise<vscode.TestItem | undefined> {
  const items = await tests.entries(source);
  const named = items.find(({ id }) => id === entry);
  if (named || entry !== undefined) {
    return named;
  }
  const editor = vscode.window.visibleTextEditors.find(({ document }) => document === source);
  const line = editor?.selection.active.line ?? 0;
  // The definition around the cursor first: it is what is meant most often.
  const order = [...items].sort((a, b) => before(a, line) - before(b, line));
  const picks = order.map((item) => ({
    label: item.label,
    description: `line ${(item.range?.start.line ?? 0) + 1}`,
    item,
  }));
  if (picks.length <= 1) {
    return picks[0]?.item;
  }
  return (await vscode.window.showQuickPick(picks, { title: 'Verify Again With My Inputs: Which One?' }))?.item;
}

function before(item: vscode.TestItem, line: number): number {
  const start = item.range?.start.line ?? 0;
  return start <= line ? line - start : Number.MAX_SAFE_INTEGER;
}
