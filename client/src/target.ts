// What a command was called on, whoever called it: a link or code lens, the test explorer, a test's message, an editor's menu.
import * as vscode from 'vscode';

export interface Target {
  source?: vscode.Uri;
  entry?: string;
}

export function target([first, second]: readonly unknown[]): Target {
  const test = first instanceof Object && 'test' in first ? first.test : first;
  if (isTest(test)) {
    return { ...(test.uri ? { source: test.uri } : {}), ...(test.parent ? { entry: test.id } : {}) };
  }
  const source = typeof first === 'string' ? vscode.Uri.parse(first) : first instanceof vscode.Uri ? first : undefined;
  if (!source || !['file', 'untitled'].includes(source.scheme)) {
    return {};
  }
  return { source, ...(typeof second === 'string' ? { entry: second } : {}) };
}

function isTest(value: unknown): value is vscode.TestItem {
  return value instanceof Object && 'id' in value && 'children' in value && 'uri' in value;
}
