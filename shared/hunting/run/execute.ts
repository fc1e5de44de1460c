import type { Clock } from '../../clock.ts';
import { ticksFromPadded } from '../../time.ts';
import type { HuntAnswer, HuntCall, HuntSource } from '../ports.ts';
import { callText, spanInText } from './call-text.ts';
import type { RunInput, RunProgress } from './record.ts';
import type { Result } from './result.ts';
import { endsOf, halvesOf, type Span, spanOf, spanText } from './timespan.ts';
import { cutWith, limitOf, type Shortfall, shortfallOf } from './truncation.ts';

/** So many slices are read at most; the spans of the others are told as missing. */
const MOST_SLICES = 2_000;

/** One turn of a run, from what is stored of it to what it adds. */
export interface Execution {
  readonly tenant: string;
  readonly source: HuntSource;
  readonly clock: Clock;
  readonly input: RunInput;
  readonly result: Result;
  readonly signal: AbortSignal;
  /** The run's start, in milliseconds since 1970: what `now()` means in its slices. */
  readonly beganMs: number;
  readonly turn: () => Promise<void>;
  readonly onCall: () => void;
  /** Told how many bytes an answer had. */
  onReceived(bytes: number): void;
  /** True once no further slice should be begun in this turn. */
  overBudget(): boolean;
  /** As of the last slice that was read whole, or given up. */
  progress: RunProgress;
  /** Called after each slice: the progress may be stored. */
  afterSlice(): Promise<void>;
}

/**
 * Reads the query's answer: as it is first, and where a limit cuts it, in slices of time, halved until each fits.
 * Rows of an answer that was cut are thrown away before its halves are read, so that the union is exact.
 *
 * @returns `more` when the budget ended before the slices did
 * @throws OutriderError of the source; the progress then is that of the slices before
 */
export async function readResult(execution: Execution): Promise<'done' | 'more'> {
  begin(execution);
  // At least one is read in each turn, or the run would never end.
  for (let read = 0; ; read += 1) {
    const { pending, slices } = execution.progress;
    if (pending?.length === 0) return 'done';
    if (slices.length >= MOST_SLICES)
      giveUp(execution, `the query needs more than ${MOST_SLICES} slices of time`);
    else if (read > 0 && execution.overBudget()) return 'more';
    else await readNext(execution);
    await execution.afterSlice();
  }
}

/** Marks all slices that are left as missing. */
export function giveUp(execution: Pick<Execution, 'progress'>, words: string): void {
  const { pending = [] } = execution.progress;
  let { cut } = execution.progress;
  for (const ends of pending) {
    cut = cutWith(cut, { reason: 'service', words }, spanText(spanFrom(ends)));
  }
  execution.progress = { ...execution.progress, cut, pending: [] };
}

/** An endpoint that takes no timespan beside the query gets it as one slice. */
function begin(execution: Execution): void {
  const { progress } = execution;
  const span = progress.pending ? undefined : spanInText(execution);
  if (span) execution.progress = { ...progress, pending: [endsIn(span)] };
}

async function readNext(execution: Execution): Promise<void> {
  const { progress, result, input } = execution;
  const ends = progress.pending?.at(-1);
  const span = ends && spanFrom(ends);
  const before = await result.mark();
  const room = input.maxRows - result.rows();
  let reading: Reading;
  try {
    reading = await readAnswer(execution, span, room);
  } catch (error) {
    await result.rollback(before);
    const limit = limitOf(error);
    if (!limit) throw error;
    const halves = halvesFor(execution, span);
    if (halves) return split(execution, halves);
    // Of a query that cannot be sliced there is nothing to show.
    if (!span) throw error;
    reading = { rows: 0, full: false, shortfall: limit };
  }
  const halves = reading.shortfall && halvesFor(execution, span);
  if (halves) {
    await result.rollback(before);
    return split(execution, halves);
  }
  finishSlice(execution, span, reading);
}

interface Reading {
  readonly rows: number;
  /** There are more rows than were asked for. */
  readonly full: boolean;
  readonly shortfall?: Shortfall | undefined;
}

async function readAnswer(execution: Execution, span: Span | undefined, room: number): Promise<Reading> {
  const { result, source } = execution;
  const answer = await source.run(callFor(execution, span));
  let rows = 0;
  try {
    for await (const some of answer.rows) {
      rememberColumns(execution, answer);
      if (rows + some.length > room) {
        await result.append(some.slice(0, room - rows));
        return { rows: room, full: true };
      }
      rows += some.length;
      await result.append(some);
    }
  } finally {
    execution.onReceived(answer.bytes());
  }
  rememberColumns(execution, answer);
  const words = answer.incomplete();
  return { rows, full: false, shortfall: words === undefined ? undefined : shortfallOf(words, rows) };
}

function callFor(execution: Execution, span: Span | undefined): HuntCall {
  const { tenant, signal, turn, onCall } = execution;
  return { tenant, signal, turn, onCall, ...callText(execution, span) };
}

/** The halves to read instead, where the query may be sliced and the span is not the smallest. */
function halvesFor({ input, beganMs }: Execution, span: Span | undefined): readonly [Span, Span] | undefined {
  if (!input.check.slicing.possible) return undefined;
  return halvesOf(span ?? spanOf(input.timespan, beganMs));
}

/** Earlier times are read first. */
function split(execution: Execution, [earlier, later]: readonly [Span, Span]): void {
  const pending = execution.progress.pending?.slice(0, -1) ?? [];
  execution.progress = { ...execution.progress, pending: [...pending, endsIn(later), endsIn(earlier)] };
}

function finishSlice(execution: Execution, span: Span | undefined, { rows, full, shortfall }: Reading): void {
  const { progress, input } = execution;
  const pending = progress.pending?.slice(0, -1) ?? [];
  const missing: Shortfall | undefined = full
    ? { reason: 'maxRows', words: `the run was asked for at most ${input.maxRows} rows` }
    : shortfall;
  execution.progress = {
    ...progress,
    pending: full ? [] : pending,
    slices: span
      ? [...progress.slices, { ...endsOf(span), rows, whole: missing === undefined }]
      : progress.slices,
    cut: missing ? cutWith(progress.cut, missing, span && spanText(span)) : progress.cut,
  };
}

function rememberColumns(execution: Execution, answer: HuntAnswer): void {
  if (execution.progress.columns.length > 0) return;
  execution.progress = { ...execution.progress, columns: answer.schema() };
}

function endsIn(span: Span): readonly [string, string] {
  const { from, to } = endsOf(span);
  return [from, to];
}

function spanFrom([from, to]: readonly [string, string]): Span {
  return { from: ticksFromPadded(from), to: ticksFromPadded(to) };
}
