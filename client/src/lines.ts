// Which line of the twin stands for which line of the source. Lines count from 0 here, as in the editor.

export interface LineSpan {
  first: number;
  last: number;
}

type Pair = readonly [number, number];

/** The line pairs of one conversion, usable in both directions. */
export class LineMap {
  private readonly pairs: Pair[];

  /** `pairs` are (source line, twin line), counted from 1, in any order. */
  constructor(pairs: readonly Pair[]) {
    this.pairs = pairs.map(([source, twin]): Pair => [source - 1, twin - 1]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  }

  /** The twin's lines for one source line: those of the statement that the line belongs to. */
  toTwin(line: number): LineSpan | undefined {
    return span(this.pairs, line);
  }

  /** The source's lines for one line of the twin. */
  toSource(line: number): LineSpan | undefined {
    return span(this.swapped(), line);
  }

  /** The twin's line to stand at the top of the window when `line` (with a fraction) stands at the source's top. */
  scrollToTwin(line: number): number {
    return interpolate(this.pairs, line);
  }

  /** The reverse of `scrollToTwin`. */
  scrollToSource(line: number): number {
    return interpolate(this.swapped(), line);
  }

  private swapped(): Pair[] {
    return this.pairs.map(([source, twin]): Pair => [twin, source]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  }
}

function span(pairs: readonly Pair[], line: number): LineSpan | undefined {
  const at = lastAtOrBefore(pairs, line);
  const start = pairs[at]?.[0];
  if (start === undefined) {
    return undefined;
  }
  // One statement may become several, and several one: all pairs that share the line belong to it.
  const targets = pairs.filter(([from]) => from === start).map(([, to]) => to);
  return { first: Math.min(...targets), last: Math.max(...targets) };
}

function interpolate(pairs: readonly Pair[], line: number): number {
  // A moved statement (an import, a helper) must not make the other side jump back: keep what rises on both sides.
  const rising: Pair[] = [[0, 0]];
  for (const pair of pairs) {
    const last = rising[rising.length - 1] as Pair;
    if (pair[0] > last[0] && pair[1] > last[1]) {
      rising.push(pair);
    }
  }
  const at = Math.max(0, lastAtOrBefore(rising, line));
  const [from, to] = rising[at] as Pair;
  const next = rising[at + 1];
  if (!next) {
    return to + (line - from);
  }
  return to + ((line - from) * (next[1] - to)) / (next[0] - from);
}

function lastAtOrBefore(pairs: readonly Pair[], line: number): number {
  let low = 0;
  let high = pairs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pairs[middle] as Pair)[0] <= line) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}
