// The verdicts of one file over time: each belongs to the text that it was reached on, and is stale on any other.
import type { EntryVerdict } from './protocol';

export interface Judged {
  entry: EntryVerdict;
  /** The source when it was run; `undefined` once anything else that the verdict depends on has changed. */
  text: string | undefined;
  stale: boolean;
}

/** An edit as the editor tells it; lines count from 0. */
export interface Change {
  range: { start: { line: number; character: number }; end: { line: number; character: number } };
  text: string;
}

/**
 * What is known after a run of `ran` (all entries if `undefined`) on `text`. Where only some were run, verdicts on the others
 * stay, as stale as they are.
 */
export function merged(
  old: readonly Judged[],
  verdicts: readonly EntryVerdict[],
  text: string,
  current: string,
  ran: readonly string[] | undefined,
): Judged[] {
  const kept = ran ? old.filter(({ entry }) => !ran.includes(entry.entry)) : [];
  const fresh = verdicts.map((entry) => ({ entry, text, stale: text !== current }));
  return [...kept, ...fresh].sort((a, b) => a.entry.line - b.entry.line);
}

/** The same verdicts after an edit: at the lines where their definitions stand now, stale unless the text is that of the run. */
export function edited(old: readonly Judged[], changes: readonly Change[], current: string): Judged[] {
  return old.map(({ entry, text }) => ({ entry: follow(entry, changes), text, stale: text !== current }));
}

/** The same verdicts, none of which holds any more. */
export function expired(old: readonly Judged[]): Judged[] {
  return old.map(({ entry }) => ({ entry, text: undefined, stale: true }));
}

function follow(entry: EntryVerdict, changes: readonly Change[]): EntryVerdict {
  const moved = changes
    .filter(
      ({ range }) =>
        range.end.line < entry.line - 1 || (range.end.line === entry.line - 1 && range.end.character === 0),
    )
    .reduce((sum, { range, text }) => sum + text.split('\n').length - 1 - (range.end.line - range.start.line), 0);
  return moved ? { ...entry, line: entry.line + moved } : entry;
}
