// When to convert after a key.

export interface Key {
  /** The setting `diptych.twin.delay`, like the rest in milliseconds. */
  delay: number;
  /** How long the last conversion took, if there was one. */
  took: number | undefined;
  /** How long ago the key before was pressed, if there was one. */
  rested: number | undefined;
}

/** How long to wait: not at all, unless converting takes its time and keys follow each other faster than the delay. */
export function wait({ delay, took = Number.POSITIVE_INFINITY, rested = Number.POSITIVE_INFINITY }: Key): number {
  return took <= delay || rested >= delay ? 0 : delay;
}
