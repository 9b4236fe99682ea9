// Plots made of characters: they follow the theme and the contrast, are read aloud, and stay what they are when copied.
const LEVELS = '▁▂▃▄▅▆▇█';
/** A difference of this size or less has the shortest bar; each further power of ten adds one block, up to a difference of one. */
const LEAST = -9;

/** A bar for how far two values are apart, on a logarithmic scale: nothing for the same bits, ten blocks for one and more. */
export function bar(difference: number | string | null | undefined): string {
  if (difference === 0 || difference === null || difference === undefined) {
    return '';
  }
  const power = typeof difference === 'number' ? Math.ceil(Math.log10(Math.abs(difference))) : 0;
  return '█'.repeat(Math.min(Math.max(power, LEAST), 0) - LEAST + 1);
}

/** Rows of values as columns of eight heights on one scale; what is no number is a gap. */
export function columns(rows: readonly (readonly (number | string)[])[]): string[] {
  const all = rows.flat().filter((value) => typeof value === 'number');
  const least = Math.min(...all);
  const range = Math.max(...all) - least || 1;
  return rows.map((row) =>
    row.map((value) => (typeof value === 'number' ? LEVELS[Math.round(((value - least) / range) * 7)] : ' ')).join(''),
  );
}
