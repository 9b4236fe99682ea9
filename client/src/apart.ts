// Both values of a divergence in words that fit at the end of a line, and as texts to be compared.
import type { Divergence, LinePair, Place } from './protocol';

export type Side = 'source' | 'twin';

/** For example "0.731 here, 0.269 in the twin, at [0, 3]". */
export function apart(divergence: Divergence, side: Side): string {
  const other = side === 'source' ? 'twin' : 'source';
  const [here, there] = [divergence[side], divergence[other]];
  const at = divergence.index.length ? `, at [${divergence.index.join(', ')}]` : '';
  if (here?.value != null && there?.value != null) {
    return `${number(here.value)} here, ${number(there.value)} in the ${other}${at}`;
  }
  if (here?.shape && there?.shape && kind(here) !== kind(there)) {
    return `${kind(here)} here, ${kind(there)} in the ${other}`;
  }
  return divergence.text.split('\n')[0] as string;
}

/** One side with all that is known of it, a fact a line, so that the two sides can be compared. */
export function described({ index, ...divergence }: Divergence, side: Side): string {
  const place = divergence[side];
  if (!place) {
    return 'nothing';
  }
  const lines = [`line ${place.line}: ${place.text}`];
  if (place.shape) {
    lines.push(kind(place));
  }
  if (place.value != null) {
    lines.push(`${index.length ? `[${index.join(', ')}]` : 'value'}: ${number(place.value)}`);
  }
  if (place.numbers.length) {
    lines.push(`first values: ${place.numbers.map(number).join(', ')}`);
  }
  if (place.made !== null) {
    lines.push(`made on line ${place.made}`);
  }
  return lines.join('\n');
}

export function kind({ dtype, shape }: Place): string {
  return `${dtype}[${shape?.join(',') ?? ''}]`;
}

export function number(value: number | string): string {
  return typeof value === 'string' || Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** For example "y float32[2,8], 1.2e-7 apart". */
export function told({ name, source, status, absolute }: LinePair): string {
  const what = source.shape && source.dtype !== 'python' ? `${name} ${kind(source)}` : name;
  return status === 'not compared' ? what : `${what}, ${distance(absolute, status)}`;
}

/** How far two values are apart, in words. */
export function distance(absolute: LinePair['absolute'], status: LinePair['status']): string {
  if (status === 'identical' || absolute === 0) {
    return 'the same bits';
  }
  return typeof absolute === 'number' ? `${number(Number(absolute.toPrecision(2)))} apart` : status;
}
