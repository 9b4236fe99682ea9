// The `# diptych:` comment above a definition, which says what its inputs are: where it stands, or where it belongs.

const COMMENT = /^\s*#\s*diptych:\s*(.*?)\s*$/;
const ARGUMENT = /^\s*[A-Za-z_]\w*\s*=\s*\S/;

export interface InputsComment {
  /** The line (from 0) that the comment replaces or goes above. */
  line: number;
  /** What the comment says now, where there is one. */
  text: string | undefined;
  indent: string;
}

/** Looks above the definition at `line` (from 0): over its decorators, at the comments that touch it. */
export function inputsComment(lines: readonly string[], line: number): InputsComment {
  let first = Math.min(line, lines.length - 1);
  const indent = /^\s*/.exec(lines[first] ?? '')?.[0] ?? '';
  while (first > 0 && (lines[first - 1] as string).trimStart().startsWith('@')) {
    first--;
  }
  for (let above = first - 1; above >= 0 && (lines[above] as string).trimStart().startsWith('#'); above--) {
    const said = COMMENT.exec(lines[above] as string)?.[1];
    if (said && ARGUMENT.test(said)) {
      return { line: above, text: said, indent };
    }
  }
  return { line: first, text: undefined, indent };
}

/** Why something typed is no list of inputs, or nothing if it may be one. The server reads it in full. */
export function complaint(typed: string): string | undefined {
  return ARGUMENT.test(typed)
    ? undefined
    : 'Write name=dtype[shape], for example x=float32[2,3,32,32], n=int64[4] in 0..9';
}
