/** Code without the indentation that all of its lines share, as it has when it was copied out of a class. */
export function dedented(text: string): string {
  const lines = text.split('\n');
  const margins = lines.filter((line) => line.trim()).map((line) => /^[ \t]*/.exec(line)?.[0] ?? '');
  let shared = margins[0] ?? '';
  while (shared && !margins.every((margin) => margin.startsWith(shared))) {
    shared = shared.slice(0, -1);
  }
  return lines.map((line) => (line.startsWith(shared) ? line.slice(shared.length) : line)).join('\n');
}
