// Which interpreters hold PyTorch and TensorFlow. Two different ones are normal; a missing one can be set up.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as vscode from 'vscode';
import { costOf, describeKind, describeSize, type Environments } from './environments';
import { type Framework, frameworkTitle } from './protocol';
import { allowed, allPythons, canonical, forgetPythons, type Python, probe } from './pythons';
import { settings } from './settings';

export const FRAMEWORKS: readonly Framework[] = ['torch', 'tensorflow'];
/** The Pythons that the frameworks have builds for; the oldest that the worker runs on. */
const FITTING: Record<Framework, readonly [number, number]> = { torch: [10, 14], tensorflow: [10, 13] };

export type Holders = Partial<Record<Framework, string>>;

export class Frameworks {
  private detected: Promise<Holders> | undefined;

  constructor(
    private readonly environments: Environments,
    private readonly safeFolder: string,
  ) {}

  /** The interpreter to use for each framework: the one that was chosen, else the first that holds it. */
  holders(): Promise<Holders> {
    this.detected ??= this.detect();
    return this.detected;
  }

  forget(): void {
    forgetPythons();
    this.detected = undefined;
  }

  /** All interpreters that can be run, each once. */
  async pythons(): Promise<Python[]> {
    const files: string[] = [];
    const seen = new Set<string>();
    const own = FRAMEWORKS.map((framework) => this.environments.python(framework)).filter((file) => file !== undefined);
    for await (const file of allPythons()) {
      if (!seen.has(canonical(file)) && fs.existsSync(file) && allowed(file)) {
        seen.add(canonical(file));
        files.push(file);
      }
    }
    const { requirements } = this.environments;
    const answers = await Promise.all([...files, ...own].map((file) => probe(file, this.safeFolder, requirements)));
    return answers.filter((answer) => typeof answer !== 'string');
  }

  /** Makes sure that both are there before something is run; what is missing is offered. Whether one may go on. */
  async ensure(): Promise<boolean> {
    for (const framework of FRAMEWORKS) {
      if (!(await this.holders())[framework] && !(await this.offer(framework))) {
        return false;
      }
    }
    return true;
  }

  /** Lets the user choose an interpreter for the server or a framework. */
  async choose(): Promise<void> {
    const holders = await this.holders();
    const kinds = [
      ...FRAMEWORKS.map((framework) => ({
        label: frameworkTitle(framework),
        description: holders[framework] ?? 'not found',
        framework,
      })),
      {
        label: 'Language Server',
        description: settings.serverInterpreter() || 'found by itself',
        framework: undefined,
      },
    ];
    const kind = await vscode.window.showQuickPick(kinds, { title: 'Choose an Interpreter For…' });
    if (kind?.framework) {
      await this.chooseFor(kind.framework);
    } else if (kind) {
      await chooseServerInterpreter();
    }
  }

  /** Takes managed environments away. */
  async remove(): Promise<void> {
    const found = this.environments.all();
    if (!found.length) {
      void vscode.window.showInformationMessage('Diptych keeps no environments of its own.');
      return;
    }
    const picked = await vscode.window.showQuickPick(
      found.map((environment) => ({
        label: describeKind(environment.kind),
        description: describeSize(environment),
        detail: environment.folder,
        environment,
      })),
      { title: 'Remove Managed Environments', canPickMany: true },
    );
    for (const { environment } of picked ?? []) {
      await this.environments.remove(environment.kind);
    }
    if (picked?.length) {
      this.forget();
    }
  }

  private async detect(): Promise<Holders> {
    const chosen: Holders = {};
    for (const framework of FRAMEWORKS) {
      const setting = settings.interpreterOf(framework).replace(/^~(?=$|[\\/])/, os.homedir());
      if (setting) {
        chosen[framework] = setting;
      }
    }
    if (FRAMEWORKS.every((framework) => chosen[framework])) {
      return chosen;
    }
    const pythons = await this.pythons();
    for (const framework of FRAMEWORKS) {
      const holder = pythons.find(({ frameworks }) => frameworks[framework])?.path;
      if (!chosen[framework] && holder) {
        chosen[framework] = holder;
      }
    }
    return chosen;
  }

  private async offer(framework: Framework): Promise<boolean> {
    const title = frameworkTitle(framework);
    const [setUp, choose] = [`Set Up ${title}`, 'Choose Interpreter…'];
    const answer = await vscode.window.showWarningMessage(
      `Verifying runs both sides, and no interpreter with ${title} was found. Diptych can keep one of its own, for the CPU: ${costOf(framework)}. "Diptych: Remove Managed Environments" takes it away again.`,
      setUp,
      choose,
    );
    if (answer === setUp) {
      return this.setUp(framework);
    }
    return answer === choose && this.chooseFor(framework);
  }

  private async setUp(framework: Framework): Promise<boolean> {
    const [least, most] = FITTING[framework];
    const minor = ({ version }: Python) => Number(version.split('.')[1]);
    const fitting = (await this.pythons()).filter((python) => minor(python) >= least && minor(python) <= most);
    const [base] = fitting.sort((a, b) => minor(b) - minor(a));
    if (!base) {
      throw new Error(
        `${frameworkTitle(framework)} needs a Python from 3.${least} to 3.${most} to be made from, and none was found.`,
      );
    }
    const python = await this.environments.setUp(framework, base.path);
    this.forget();
    return python !== undefined;
  }

  private async chooseFor(framework: Framework): Promise<boolean> {
    const title = frameworkTitle(framework);
    const holding = (await this.pythons()).filter(({ frameworks }) => frameworks[framework]);
    const picks: (vscode.QuickPickItem & { run: () => Promise<boolean> })[] = holding.map((python) => ({
      label: `${title} ${python.frameworks[framework]}`,
      description: `Python ${python.version}`,
      detail: python.path,
      run: () => this.set(framework, python.path),
    }));
    picks.push({ label: '$(folder-opened) Browse…', run: async () => this.set(framework, await browse(title)) });
    if (!this.environments.python(framework)) {
      const label = '$(cloud-download) Set up an environment for the CPU';
      picks.push({ label, description: costOf(framework), run: () => this.setUp(framework) });
    }
    const picked = await vscode.window.showQuickPick(picks, { title: `Interpreter With ${title}` });
    return picked ? picked.run() : false;
  }

  /** The change of the setting makes everything be looked for again. */
  private async set(framework: Framework, file: string | undefined): Promise<boolean> {
    if (file) {
      await settings.setInterpreterOf(framework, file);
    }
    return file !== undefined;
  }
}

export async function chooseServerInterpreter(): Promise<void> {
  const file = await browse('the language server');
  if (file) {
    await settings.setServerInterpreter(file);
  }
}

async function browse(what: string): Promise<string | undefined> {
  const title = `Choose the Python interpreter for ${what}`;
  const [file] = (await vscode.window.showOpenDialog({ title, openLabel: 'Use This Python' })) ?? [];
  return file?.fsPath;
}
