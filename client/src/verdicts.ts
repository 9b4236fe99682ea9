// What verdicts look like in words: one order of severity, one symbol each, and the summary of a whole run.
import type { EntryVerdict, Verdict } from './protocol';

/** From the one to look at first to the one that needs no attention. */
export const VERDICTS: readonly Verdict[] = [
  'differs',
  'undecided',
  'not verified',
  'equal within rounding',
  'identical',
];

export const SYMBOLS: Record<Verdict, string> = {
  differs: '✗',
  undecided: '?',
  'not verified': '–',
  'equal within rounding': '✓',
  identical: '✓',
};

export function worst(entries: readonly EntryVerdict[]): Verdict | undefined {
  return VERDICTS.find((verdict) => entries.some((entry) => entry.verdict === verdict));
}

/** For example "1 differs, 2 equal within rounding". */
export function count(entries: readonly EntryVerdict[]): string {
  return VERDICTS.map((verdict) => ({ verdict, number: entries.filter((entry) => entry.verdict === verdict).length }))
    .filter(({ number }) => number > 0)
    .map(({ verdict, number }) => `${number} ${verdict}`)
    .join(', ');
}

/** Why the verdict is what it is, without the verdict itself, which stands beside it wherever this is shown. */
export function explanation({ verdict, reason, summary }: EntryVerdict): string {
  const text = (reason || summary || '').trim();
  return text.startsWith(`${verdict}: `) ? text.slice(verdict.length + 2) : text;
}
