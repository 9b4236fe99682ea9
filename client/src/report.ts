// The results of a verification as a Markdown document.
import { distance, kind } from './apart';
import type { Judged } from './judged';
import { bar, columns } from './plots';
import type { Divergence, LinePair, Place } from './protocol';
import { count, explanation, largest, SYMBOLS, VERDICTS } from './verdicts';

const SHOWN_APART = new Set(['entry', 'verdict', 'summary', 'reason', 'line', 'lines', 'divergence']);
/** What a reader asks first; evidence that is not named here comes before the circumstances of the run. */
const FIRST = ['largest', 'kinks', 'dropped', 'notes', 'samples', 'modes', 'inputs'];
const LAST = ['versions', 'devices', 'flags', 'seed', 'seconds'];

export interface Run {
  /** The file's name as shown. */
  name: string;
  judged: readonly Judged[];
  finished: Date;
}

export function report({ name, judged, finished }: Run): string {
  const order = [...judged].sort(
    ({ entry: a }, { entry: b }) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) || a.line - b.line,
  );
  const stale = judged.filter((one) => one.stale).length;
  const parts = [
    `# Diptych results`,
    `**${plain(name)}** · ${count(judged.map(({ entry }) => entry)) || 'nothing was verified'} · ${finished.toLocaleString()}`,
  ];
  if (stale) {
    const which = stale === judged.length ? 'These results are' : 'Some of these results are';
    parts.push(`> ${which} **stale**: something has changed since. Run *Diptych: Verify Outputs* again.`);
  }
  if (!judged.length) {
    parts.push(
      'The file has no function, class or model that could be run. Say what the inputs of one are with a comment above it, ' +
        'for example `# diptych: x=float32[2,3,32,32]`.',
    );
  } else {
    const head = ['| | Entry | Line | Verdict | Largest difference | |', '|:-:|---|--:|---|--:|---|'];
    parts.push([...head, ...order.map(row)].join('\n'));
  }
  return `${[...parts, ...order.map(section)].join('\n\n')}\n`;
}

function row({ entry, stale }: Judged): string {
  const { verdict } = entry;
  const most = largest(entry);
  const difference = most === undefined ? '' : cell(most);
  const told = `${verdict}${stale ? ' (stale)' : ''}`;
  return `| ${SYMBOLS[verdict]} | ${code(entry.entry)} | ${entry.line} | ${told} | ${difference} | ${bar(most)} |`;
}

function section({ entry, stale }: Judged): string {
  const parts = [`## ${SYMBOLS[entry.verdict]} ${plain(entry.entry)}: ${entry.verdict}${stale ? ' (stale)' : ''}`];
  const text = explanation(entry);
  if (text) {
    parts.push(`${plain(text.charAt(0).toUpperCase() + text.slice(1))}.`);
  }
  if (entry.divergence) {
    parts.push(...parting(entry.divergence));
  }
  if (entry.lines?.length) {
    parts.push('### Line by line', lineByLine(entry.lines));
  }
  const evidence = Object.entries(entry)
    .filter(([key, value]) => !SHOWN_APART.has(key) && !isEmpty(value))
    .sort(([a], [b]) => rank(a) - rank(b));
  const short = evidence.filter(([, value]) => !isLong(value));
  if (short.length) {
    parts.push(
      ['| Evidence | |', '|---|---|', ...short.map(([key, value]) => `| ${title(key)} | ${cell(value)} |`)].join('\n'),
    );
  }
  for (const [key, value] of evidence.filter(([, value]) => isLong(value))) {
    parts.push(`### ${title(key)}`, long(value));
  }
  return parts.join('\n\n');
}

/** What each line assigned, with a bar for how far the sides are apart there. */
function lineByLine(lines: readonly LinePair[]): string {
  const rows = lines.map(({ name, source, twin, status, absolute, passes, worst }) => {
    const shapes = [...new Set([source, twin].filter(({ shape }) => shape).map(kind))].map(code).join(', ');
    const apart = status === 'not compared' ? status : distance(absolute, status);
    const pass = passes > 1 && absolute ? ` (pass ${worst} of ${passes})` : '';
    const plotted = status === 'identical' || status === 'not compared' ? '' : bar(absolute);
    const plots = [...new Set(histograms(source, twin))].join('<br>');
    return `| ${source.line} | ${twin.line} | ${code(name)} | ${shapes} | ${plots} | ${plain(apart + pass)} | ${plotted} |`;
  });
  return [
    '| Line | In the twin | Name | Shape | Values | Largest difference | |',
    '|--:|--:|---|---|---|--:|---|',
    ...rows,
  ].join('\n');
}

/** How the values of both sides are spread over the range of both. */
function histograms(source: Place | null, twin: Place | null): string[] {
  return columns([source?.counts ?? [], twin?.counts ?? []]);
}

/** Where the two sides part: both lines with both values. */
function parting(divergence: Divergence): string[] {
  const { source, twin } = divergence;
  const span = source?.span;
  const [here = '', there = ''] = span
    ? histograms(source, twin)
    : columns([source?.numbers ?? [], twin?.numbers ?? []]);
  const plots = span ? `All, from ${number(span[0])} to ${number(span[1])}` : '';
  const rows = (['source', 'twin'] as const).flatMap((side) => {
    const place = divergence[side];
    if (!place) {
      return [];
    }
    const shape = place.shape ? code(kind(place)) : '';
    const line = place.made === null ? place.line : `${place.line}, made on ${place.made}`;
    return [
      `| ${title(side)} | ${line} | ${code(place.text)} | ${shape} | ${cell(place.value)} | ${cell(place.numbers)} | ${side === 'source' ? here : there} |`,
    ];
  });
  const at = divergence.index.length ? ` at [${divergence.index.join(', ')}]` : '';
  return [
    '### First divergence',
    plain(divergence.text),
    [
      `| Side | Line | Code | Shape | Value${at} | First values | ${plots} |`,
      '|---|--:|---|---|--:|---|---|',
      ...rows,
    ].join('\n'),
    ...divergence.causes.map((cause) => `Likely: ${plain(cause)}`),
  ];
}

function rank(key: string): number {
  const last = LAST.indexOf(key);
  const first = FIRST.indexOf(key);
  return last >= 0 ? FIRST.length + 1 + last : first >= 0 ? first : FIRST.length;
}

function isEmpty(value: unknown): boolean {
  return (
    value === null || value === undefined || value === '' || (typeof value === 'object' && !Object.keys(value).length)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value needs a block of its own: text of several lines, or a list of records. */
function isLong(value: unknown): boolean {
  return (typeof value === 'string' && value.includes('\n')) || (Array.isArray(value) && value.some(isRecord));
}

function long(value: unknown): string {
  if (typeof value === 'string') {
    // A fence longer than any run of backticks inside.
    const fence = '`'.repeat(Math.max(3, ...[...value.matchAll(/`+/g)].map(([run]) => run.length + 1)));
    return `${fence}text\n${value.trimEnd()}\n${fence}`;
  }
  const records = (value as unknown[]).map((item) => (isRecord(item) ? item : { value: item }));
  const columns = [...new Set(records.flatMap((record) => Object.keys(record).filter((key) => !isEmpty(record[key]))))];
  const lines = records.map((record) => `| ${columns.map((column) => cell(record[column])).join(' | ')} |`);
  return [`| ${columns.map(title).join(' | ')} |`, `|${'---|'.repeat(columns.length)}`, ...lines].join('\n');
}

function cell(value: unknown): string {
  if (isEmpty(value)) {
    return '';
  }
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'number')
      ? code(`[${value.map(number).join(', ')}]`)
      : value.map(cell).join(value.some((item) => String(item).length > 20) ? '<br>' : ', ');
  }
  if (isRecord(value)) {
    return Object.entries(value)
      .filter(([, inner]) => !isEmpty(inner))
      .map(([key, inner]) => `${plain(key.replace(/_/g, ' '))}: ${cell(inner)}`)
      .join('<br>');
  }
  return typeof value === 'number' ? number(value) : plain(String(value));
}

function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3).replace(/\.?0+(e|$)/, '$1');
}

function title(key: string): string {
  const words = key === 'largest' ? 'largest difference' : key.replace(/_/g, ' ');
  return plain(words.charAt(0).toUpperCase() + words.slice(1));
}

function code(text: string): string {
  return `\`${text.replace(/`/g, "'").replace(/\|/g, '\\|')}\``;
}

/** Plain text as Markdown that reads the same, also inside a table. */
function plain(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<>#|~]/g, '\\$&')
    .replace(/\s*\n\s*/g, '<br>')
    .trim();
}
