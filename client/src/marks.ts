// Decorations that are drawn only where something changes: each call makes the window draw, and many come after every key.
import type * as vscode from 'vscode';

/** What is drawn of one type, by editor. An editor of VS Code's belongs to one document. */
export class Marks {
  private readonly marked = new WeakSet<vscode.TextEditor>();

  constructor(private readonly type: vscode.TextEditorDecorationType) {}

  /** Draws these in place of what is there; no marks where there are none already is nothing to do. */
  draw(editor: vscode.TextEditor, marks: readonly vscode.DecorationOptions[]): void {
    if (marks.length) {
      this.marked.add(editor);
    } else if (!this.marked.delete(editor)) {
      return;
    }
    editor.setDecorations(this.type, marks);
  }

  dispose(): void {
    this.type.dispose();
  }
}
