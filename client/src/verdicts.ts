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

/** The largest absolute difference that was seen; infinity and NaN come as text. */
export function largest({ largest }: EntryVerdict): number | string | undefined {
  const absolute =
    typeof largest === 'object' && largest !== null && 'absolute' in largest ? largest.absolute : undefined;
  return typeof absolute === 'number' || typeof absolute === 'string' ? absolute : undefined;
}

/** What fits at the end of a line: where the sides agree, how far they are apart at most; else what is wrong. */
export function inBrief(entry: EntryVerdict): string {
  const { verdict } = entry;
  const difference = largest(entry);
  if (verdict === 'identical') {
    return verdict;
  }
  if (verdict === 'equal within rounding' && typeof difference === 'number') {
    return `${verdict} · largest difference ${difference.toPrecision(2)}`;
  }
  const text = explanation(entry).split('\n')[0];
  return text ? `${verdict} · ${text}` : verdict;
}
