import { paddedFromTicks, padTime, ticksFromPadded } from '../../time.ts';
import { timespanFrom } from '../parameters/times.ts';
import type { CheckResult, ClockCall, Slicing } from '../ports.ts';

/** A slicing that is possible: where a span of time goes. */
export type SlicePoint = Extract<Slicing, { readonly possible: true }>;

/** A place of a text and what comes there instead; an insertion where the length is 0. */
interface Edit {
  readonly start: number;
  readonly length: number;
  readonly text: string;
}

/**
 * The query with `now()` and `ago(…)` as they were at one moment, so that all its slices and tries mean the same time.
 *
 * @param check what the check said of exactly this text
 * @param at ISO 8601, up to seven decimals are kept
 * @throws RangeError where `at` is no time
 * @returns the text, and where its slices go now
 */
export function pinClock<Point extends Slicing>(
  text: string,
  check: { readonly slicing: Point; readonly clockCalls: CheckResult['clockCalls'] },
  at: string,
): { readonly text: string; readonly slicing: Point } {
  const edits = pinned(text, check.clockCalls, timeOf(at));
  return { text: apply(text, edits), slicing: moved(check.slicing, edits) };
}

/**
 * The query for the rows of one span of time, by a filter right behind its source table.
 *
 * @param slicing what the check, or `pinClock`, said of exactly this text
 * @param slice from, which is in it, to, which is not: ISO 8601, up to seven decimals are kept
 * @throws RangeError where they are no times
 */
export function sliceText(
  text: string,
  { column, insertAt }: SlicePoint,
  { from, to }: { readonly from: string; readonly to: string },
): string {
  const filter = ` | where ${column} >= ${literal(timeOf(from))} and ${column} < ${literal(timeOf(to))}`;
  return apply(text, [{ start: insertAt, length: 0, text: filter }]);
}

function pinned(text: string, calls: readonly ClockCall[], at: string): readonly Edit[] {
  const outermost = calls.filter((call) => !calls.some((other) => other !== call && contains(other, call)));
  return outermost.map((call) => ({
    start: call.start,
    length: call.length,
    text: pinnedCall(text, call, calls, at),
  }));
}

function pinnedCall(text: string, call: ClockCall, calls: readonly ClockCall[], at: string): string {
  if (call.argument === undefined) return literal(at);
  const { start, length } = call.argument;
  const argument = text.slice(start, start + length);
  const known = offsetBy(at, call.kind, argument);
  if (known !== undefined) return literal(known);
  const inside = calls.filter((other) => other !== call && contains(call, other));
  const edits = pinned(text, inside, at).map((edit) => ({ ...edit, start: edit.start - start }));
  return `(${literal(at)} ${call.kind === 'ago' ? '-' : '+'} (${apply(argument, edits)}))`;
}

const TIMESPAN = /^-?\d+(\.\d+)?(d|h|m|s|ms|microsecond|tick)$/;

/**
 * The time that `ago(7d)` means, where its argument is a plain literal, as most are: some places of KQL take a
 * literal only, and no sum. Undefined for what has to be computed by the service.
 */
function offsetBy(at: string, kind: ClockCall['kind'], argument: string): string | undefined {
  if (!TIMESPAN.test(argument)) return undefined;
  try {
    const by = BigInt(timespanFrom(argument).order ?? 0);
    return paddedFromTicks(ticksFromPadded(at) + (kind === 'ago' ? -by : by));
  } catch {
    // More than a calendar holds: the service says so.
    return undefined;
  }
}

const contains = (outer: ClockCall, inner: ClockCall): boolean =>
  inner.start >= outer.start && inner.start + inner.length <= outer.start + outer.length;

/** The insertion point after edits before it. */
function moved<Point extends Slicing>(slicing: Point, edits: readonly Edit[]): Point {
  if (!slicing.possible) return slicing;
  const before = edits.filter(({ start }) => start < slicing.insertAt);
  const by = before.reduce((sum, { length, text }) => sum + text.length - length, 0);
  return { ...slicing, insertAt: slicing.insertAt + by };
}

/** @throws RangeError for what is no time: it would become part of the query. */
function timeOf(text: string): string {
  const padded = padTime(text);
  if (padded === undefined) throw new RangeError(`${JSON.stringify(text)} is no time.`);
  return padded;
}

const literal = (time: string): string => `datetime(${time})`;

/** Edits that do not overlap, from the last to the first, so that none moves another. */
function apply(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce(
      (edited, { start, length, text: put }) => edited.slice(0, start) + put + edited.slice(start + length),
      text,
    );
}
