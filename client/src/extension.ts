// Entry point: puts the parts together and registers the commands. The server starts afterwards.
import * as vscode from 'vscode';
import { convertClipboard, convertFile, convertSelection, Selections } from './convert';
import { DivergenceMarks, showDivergence } from './divergence';
import { Doctor } from './doctor';
import { Environments } from './environments';
import { copyEvidence, verifyWithInputs } from './evidence';
import { Frameworks } from './frameworks';
import { Keeping } from './keeping';
import { LeftoverMarks } from './leftovers';
import { LineMarks } from './lineMarks';
import { Linking } from './linking';
import { convertCell, convertNotebook } from './notebooks';
import { Pages } from './pages';
import { onPythonExtensionChange } from './pythonExtension';
import { forgetPythons } from './pythons';
import { ResultStore } from './results';
import { messageOf, Server } from './server';
import { Status } from './status';
import { target } from './target';
import { Tests } from './testing';
import { sourceOfTwin, switchLayout, Twins } from './twins';
import { Why } from './why';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Diptych', { log: true });
  const environments = new Environments(context, log);
  const frameworks = new Frameworks(environments, context.extensionPath);
  const server = new Server(context, log, environments, frameworks);
  const twins = new Twins(server);
  const store = new ResultStore(context.extensionUri);
  const tests = new Tests(server, store, frameworks);
  const selections = new Selections();
  const keeping = new Keeping(server, context.globalStorageUri);
  const pages = new Pages();
  const doctor = new Doctor(server, frameworks, environments, pages);
  const why = new Why(server, twins, pages);
  let last: vscode.Uri | undefined;
  const current = () => {
    const active = vscode.window.activeTextEditor?.document;
    if (active?.languageId === 'python') {
      last = sourceOfTwin(active.uri) ?? active.uri;
      return last;
    }
    // The results are no text editor: while they are in front, the file beside them is meant.
    const beside = vscode.window.visibleTextEditors.some(
      ({ document }) => document.uri.toString() === last?.toString(),
    );
    return !active && beside ? last : undefined;
  };
  context.subscriptions.push(
    log,
    environments,
    server,
    twins,
    store,
    tests,
    selections,
    keeping,
    pages,
    new DivergenceMarks(store, twins),
    new LineMarks(store),
    new Linking(twins),
    new LeftoverMarks(twins),
    new Status(server, twins, store, current),
  );

  // On the file and entry that a link, a code lens or a test names, else on the file in front.
  const register = (
    command: string,
    run: (source: vscode.TextDocument, entry: string | undefined, values: unknown[]) => unknown,
  ) =>
    registerCommand(context, log, command, async (...values) => {
      const { source = current(), entry } = target(values);
      if (!source) {
        void vscode.window.showInformationMessage('Open a Python file first.');
        return undefined;
      }
      return run(await vscode.workspace.openTextDocument(source), entry, values);
    });
  register('diptych.showTwin', (source) => twins.show(source));
  register('diptych.convertFile', (source) => convertFile(source, server));
  register('diptych.saveTwinAs', (source, _, [, file]) =>
    keeping.saveAs(source, file instanceof vscode.Uri ? file : undefined),
  );
  register('diptych.replaceWithTwin', (source) => keeping.replace(source));
  register('diptych.openDiff', (source) => keeping.diff(source));
  register('diptych.switchLayout', (source) => switchLayout(source.uri));
  register('diptych.verify', (source, entry) => tests.verify(source, entry === undefined ? {} : { entry }));
  register('diptych.verifyLines', (source, entry) =>
    tests.verify(source, { lines: true, ...(entry === undefined ? {} : { entry }) }),
  );
  register('diptych.verifyWithInputs', (source, entry, [, , inputs]) =>
    verifyWithInputs(source, entry, tests, store, typeof inputs === 'string' ? inputs : undefined),
  );
  register('diptych.copyEvidence', (source, entry) => copyEvidence(source.uri, entry, store));
  register('diptych.showDivergence', (source, entry) => showDivergence(source, entry, store, twins));
  register('diptych.whyNot', (source) => why.explain(source));
  register('diptych.draftRule', (source) => why.draft(source));
  register('diptych.showResults', (source) => store.show(source.uri));
  registerCommand(context, log, 'diptych.convertSelection', async () => {
    const editor = vscode.window.activeTextEditor;
    if (editor) {
      await convertSelection(editor, server, selections);
    }
  });
  registerCommand(context, log, 'diptych.convertClipboard', () => convertClipboard(server, selections));
  registerCommand(context, log, 'diptych.convertCell', (cell) => convertCell(cell, server));
  registerCommand(context, log, 'diptych.convertNotebook', () => convertNotebook(server));
  registerCommand(context, log, 'diptych.restartServer', () => server.restart());
  registerCommand(context, log, 'diptych.doctor', () => doctor.show());
  registerCommand(context, log, 'diptych.chooseInterpreters', () => frameworks.choose());
  registerCommand(context, log, 'diptych.removeEnvironments', () => frameworks.remove());

  const restart = () => {
    forgetPythons();
    void server.restart();
  };
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      frameworks.forget();
      restart();
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('diptych.server.interpreter')) {
        restart();
      }
      const names = ['verify.torchInterpreter', 'verify.tensorflowInterpreter'];
      if (names.some((name) => change.affectsConfiguration(`diptych.${name}`))) {
        frameworks.forget();
      }
    }),
  );
  // Activation is done before anything is looked for, loaded or started.
  setImmediate(() => {
    void server.start();
    void onPythonExtensionChange(() => {
      frameworks.forget();
      restart();
    }).then((listening) => listening && context.subscriptions.push(listening));
  });
}

/** A command that fails says so in a message, with the details in the log. */
function registerCommand(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  command: string,
  run: (...values: unknown[]) => unknown,
): void {
  const guarded = async (...values: unknown[]) => {
    try {
      return await run(...values);
    } catch (error) {
      log.error(`${command}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
      void vscode.window.showErrorMessage(`Diptych: ${messageOf(error)}`);
      return undefined;
    }
  };
  context.subscriptions.push(vscode.commands.registerCommand(command, guarded));
}
