// The item in the status bar: the server's state, and for the file in view its twin and its verdict.
import * as vscode from 'vscode';
import type { ResultStore } from './results';
import type { Server } from './server';
import { summary, type Twins } from './twins';
import { count, worst } from './verdicts';

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('diptych.status', vscode.StatusBarAlignment.Right, 90);
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly twins: Twins,
    private readonly store: ResultStore,
    /** The Python file that the user is looking at, directly or through its twin. */
    private readonly current: () => vscode.Uri | undefined,
  ) {
    this.item.name = 'Diptych';
    const update = () => this.update();
    this.subscriptions = [
      this.item,
      server.onDidChangeState(update),
      twins.onDidConvert(update),
      store.onDidChangeResults(update),
      vscode.window.onDidChangeActiveTextEditor(update),
      vscode.workspace.onDidGrantWorkspaceTrust(update),
    ];
    this.update();
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private update(): void {
    const source = this.current();
    if (!source) {
      this.item.hide();
      return;
    }
    this.item.backgroundColor = undefined;
    const tooltip = new vscode.MarkdownString('', true);
    tooltip.isTrusted = true;
    const { state } = this.server;
    if (state.kind === 'ready') {
      this.showFile(source, tooltip);
      tooltip.appendMarkdown(`Server: Python ${state.interpreter.version}, \`${state.interpreter.path}\`\n\n`);
    } else if (state.kind === 'starting') {
      this.item.text = '$(loading~spin) Diptych';
      this.item.command = 'diptych.doctor';
      tooltip.appendMarkdown('The language server is starting.\n\n');
    } else {
      this.item.text = '$(warning) Diptych';
      this.item.command = 'diptych.restartServer';
      this.item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
      tooltip.appendText(state.message).appendMarkdown(' Click to try again.\n\n');
    }
    tooltip.appendMarkdown(
      '[Show Twin](command:diptych.showTwin) · [Verify](command:diptych.verify) · [Doctor](command:diptych.doctor) · [Restart Server](command:diptych.restartServer)',
    );
    this.item.tooltip = tooltip;
    this.item.show();
  }

  private showFile(source: vscode.Uri, tooltip: vscode.MarkdownString): void {
    const results = this.store.get(source);
    const twin = this.twins.get(source);
    this.item.text = '$(split-horizontal) Diptych';
    this.item.command = 'diptych.showTwin';
    if (twin?.conversion) {
      tooltip.appendMarkdown(`Twin: ${summary(twin.conversion)}\n\n`);
    }
    if (twin?.problem) {
      this.item.text = '$(split-horizontal) Diptych: twin waits';
      tooltip
        .appendMarkdown('The twin shows the last text that could be read. ')
        .appendText(twin.problem)
        .appendMarkdown('\n\n');
    }
    if (results) {
      const entries = results.judged.map(({ entry }) => entry);
      const stale = results.judged.some((judged) => judged.stale);
      const verdict = worst(entries);
      const icon = stale
        ? 'history'
        : verdict === 'differs'
          ? 'error'
          : verdict?.startsWith('un') || verdict?.startsWith('not')
            ? 'question'
            : 'pass';
      this.item.text = `$(${icon}) Diptych: ${stale ? 'stale' : count(entries) || 'nothing verified'}`;
      this.item.command = 'diptych.showResults';
      if (verdict === 'differs' && !stale) {
        this.item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
      }
      tooltip.appendMarkdown(
        `Verified ${results.finished.toLocaleTimeString()}: ${count(entries)}${stale ? ' (stale: something has changed since)' : ''}\n\n`,
      );
      const devices = [
        ...new Set(entries.flatMap(({ devices }) => Object.values((devices as object | undefined) ?? {}))),
      ];
      if (devices.length) {
        tooltip.appendMarkdown('Device: ').appendText(devices.join(', ')).appendMarkdown('\n\n');
      }
    }
    if (!vscode.workspace.isTrusted) {
      tooltip.appendMarkdown('This workspace is not trusted: code is read and converted, but not run.\n\n');
    }
  }
}
