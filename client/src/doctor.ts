// What the extension and the server found on this machine, and what to do about what is missing, as a page.
import * as vscode from 'vscode';
import { describeKind, describeSize, type Environments } from './environments';
import { FRAMEWORKS, type Frameworks } from './frameworks';
import type { Pages } from './pages';
import { doctorRequest, frameworkTitle } from './protocol';
import { messageOf, type Server } from './server';

export class Doctor {
  constructor(
    private readonly server: Server,
    private readonly frameworks: Frameworks,
    private readonly environments: Environments,
    private readonly pages: Pages,
  ) {}

  /** Looks again, shows the page and returns its text. */
  async show(): Promise<string> {
    const location = vscode.ProgressLocation.Window;
    const options = { location, title: 'Diptych: looking at the interpreters' };
    this.frameworks.forget();
    const text = await vscode.window.withProgress(options, () => this.examine());
    await this.pages.show('Diptych Doctor', text, false);
    return text;
  }

  private async examine(): Promise<string> {
    await this.server.start();
    const lines = ['# Diptych Doctor', '', '## Language server', ''];
    const { state } = this.server;
    if (state.kind === 'ready') {
      const { path, version, hasDiptych } = state.interpreter;
      const copy = hasDiptych ? 'diptych installed there' : "with the extension's own copy of diptych";
      lines.push(`- Server: running on Python ${version}, \`${path}\`, ${copy}`);
    } else {
      lines.push(`- Server: not running. ${state.kind === 'stopped' ? state.message : ''}`);
    }
    for (const { path, reason } of this.server.rejected) {
      lines.push(`- Not used: \`${path}\`: ${reason}`);
    }
    const trust = vscode.workspace.isTrusted ? 'trusted' : 'not trusted, so nothing is verified';
    lines.push(
      `- Workspace: ${trust}`,
      '',
      '## Frameworks',
      '',
      '| | Version | Python | Interpreter | |',
      '|---|---|---|---|---|',
    );
    const [holders, pythons] = await Promise.all([this.server.tellHolders(), this.frameworks.pythons()]);
    for (const framework of FRAMEWORKS) {
      const holding = pythons.filter(({ frameworks }) => frameworks[framework]);
      const title = frameworkTitle(framework);
      if (!holding.length && !holders[framework]) {
        lines.push(`| ${title} | | | none found | run *Diptych: Choose Interpreters* to choose or set up one |`);
      }
      if (holders[framework] && !holding.some(({ path }) => path === holders[framework])) {
        lines.push(`| ${title} | | | \`${holders[framework]}\` | used, as the setting says |`);
      }
      for (const { path, version, frameworks } of holding) {
        const used = path === holders[framework] ? 'used' : '';
        lines.push(`| ${title} | ${frameworks[framework]} | ${version} | \`${path}\` | ${used} |`);
      }
    }
    const kept = this.environments.all();
    if (kept.length) {
      lines.push('', '## Environments that Diptych keeps', '');
      lines.push(
        ...kept.map(
          (environment) =>
            `- ${describeKind(environment.kind)}: ${describeSize(environment)}, \`${environment.folder}\``,
        ),
      );
      lines.push('', '*Diptych: Remove Managed Environments* takes them away.');
    }
    if (state.kind === 'ready' && vscode.workspace.isTrusted) {
      lines.push('', '## What runs', '');
      try {
        lines.push('```text', (await this.server.request(doctorRequest, {})).text.trimEnd(), '```');
      } catch (error) {
        lines.push(`The server's own report failed: ${messageOf(error)}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }
}
