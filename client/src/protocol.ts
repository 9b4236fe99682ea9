// What the client and the language server say to each other beyond standard LSP.
// In results, lines count from 1 and columns from 0; in `range`, both from 0 as LSP has it.

/** A request by its name, with the types of what is asked and answered. */
export class Request<P, R> {
  declare readonly types: (params: P) => R;
  constructor(readonly method: string) {}
}

export type Framework = 'torch' | 'tensorflow';
export type Layout = 'channels-last' | 'preserve';
/** `auto` is the best device that both sides have. */
export type Device = 'auto' | 'cpu' | 'cuda';
export type Verdict = 'identical' | 'equal within rounding' | 'differs' | 'undecided' | 'not verified';

interface TextDocumentIdentifier {
  uri: string;
}

interface Position {
  line: number;
  character: number;
}

export interface ConvertParams {
  /** A document that the server knows, or else `text`. */
  textDocument?: TextDocumentIdentifier;
  text?: string;
  range?: { start: Position; end: Position };
  to?: Framework;
  layout?: Layout;
}

export interface Leftover {
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  api: string;
  reason: string;
  severity: 'error' | 'warning';
}

export interface Conversion {
  twin: string;
  framework: Framework;
  to: Framework;
  leftovers: Leftover[];
  notes: string[];
  helpers: string[];
  entries: { name: string; kind: string; line: number }[];
  /** Pairs of (source line, twin line) of the same statement. */
  lines: [number, number][];
}

export interface VerifyParams {
  textDocument: TextDocumentIdentifier;
  entry?: string;
  to?: Framework;
  layout?: Layout;
  device?: Device;
  /** Whether to tell what each line assigned. */
  lines?: boolean;
  workDoneToken?: string;
}

/** One side of a divergence. NaN and infinity come as text. */
export interface Place {
  line: number;
  text: string;
  shape: number[] | null;
  dtype: string;
  value: number | string | null;
  numbers: (number | string)[];
  /** How many of all values lie in each of equal parts of `span`, the range of both sides. Empty for a few values. */
  counts: number[];
  span: [number, number] | null;
  /** The line that made the layer which is called there. */
  made: number | null;
}

/** The first pair of values that parts. */
export interface Divergence {
  kind: 'value' | 'gradient' | 'state' | 'loop' | 'raises';
  name: string;
  text: string;
  source: Place | null;
  twin: Place | null;
  index: number[];
  causes: string[];
}

/** One value that a line of the source and its partner in the twin assigned. */
export interface LinePair {
  name: string;
  source: Place;
  twin: Place;
  status: 'identical' | 'rounding' | 'undecided' | 'differs' | 'not compared';
  passes: number;
  worst: number;
  absolute: number | string | null;
  relative: number | string | null;
}

export interface EntryVerdict {
  entry: string;
  verdict: Verdict;
  summary: string;
  line: number;
  reason?: string | null;
  divergence?: Divergence | null;
  /** What each line assigned, in the order in which the source ran, where that was asked for. */
  lines?: LinePair[] | null;
  /** Each argument as a `# diptych:` comment would write it. */
  inputs?: Record<string, string>;
  /** Everything else is evidence: differences, shapes, versions, seeds, and so on. */
  [evidence: string]: unknown;
}

export interface VerifyResult {
  entries: EntryVerdict[];
}

/** The twins of a notebook's cells. */
export interface NotebookConversion extends Pick<Conversion, 'framework' | 'to' | 'leftovers'> {
  cells: { uri: string; text: string }[];
}

export const convertRequest = new Request<ConvertParams, Conversion>('diptych/convert');
export const notebookRequest = new Request<ConvertParams, NotebookConversion>('diptych/convertNotebook');
export const verifyRequest = new Request<VerifyParams, VerifyResult>('diptych/verify');
export interface PlaceParams {
  textDocument: TextDocumentIdentifier;
  position: Position;
}

export const explainRequest = new Request<PlaceParams, { api: string; reason: string; text: string }>(
  'diptych/explain',
);
export const draftRuleRequest = new Request<PlaceParams, { uri: string; text: string }>('diptych/draftRule');
export const doctorRequest = new Request<object, { text: string }>('diptych/doctor');

export function frameworkTitle(framework: Framework): string {
  return framework === 'torch' ? 'PyTorch' : 'TensorFlow';
}
