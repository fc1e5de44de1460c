import { addTicks, later, type PaddedTime, ticksFromPadded } from '../time.ts';
import type { Slice } from './ports.ts';
import type { Stretch } from './state.ts';

const TICKS_PER_MS = 10_000;
const HOUR_TICKS = 3_600_000 * TICKS_PER_MS;
/** First guess at a slice; the density seen corrects it at once. */
const FIRST_SLICE_TICKS = 24 * HOUR_TICKS;
const LONGEST_SLICE_TICKS = 3_650 * 24 * HOUR_TICKS;
/** A slice should fill a page to this part: fuller ones often have to be halved. */
const GOOD_FILL = 0.6;

export function newStretch(
  kind: Stretch['kind'],
  from: PaddedTime,
  to: PaddedTime,
  announce: boolean,
): Stretch {
  return { kind, from, to, began: to, announce, sliceTicks: FIRST_SLICE_TICKS };
}

/** The next slice of a stretch: its last `sliceTicks`. */
export function nextSlice({ from, to, sliceTicks }: Stretch): {
  readonly from: PaddedTime;
  readonly to: PaddedTime;
} {
  return { from: later(from, addTicks(to, -sliceTicks)), to };
}

/** The two halves of a slice of more than one tick, the later one first. */
export function halves({ from, to }: Slice): Slice[] {
  const middle = addTicks(from, Number((ticksFromPadded(to) - ticksFromPadded(from)) / 2n));
  return [
    { from: middle, to },
    { from, to: middle },
  ];
}

/**
 * A window in slices of about `room` of these times each. A time that alone has more gets a slice of one tick.
 *
 * @param times last updates inside the window, in any order
 */
export function slicedByDensity({ from, to }: Slice, times: readonly PaddedTime[], room: number): Slice[] {
  const counts = new Map<PaddedTime, number>();
  for (const time of [...times].sort()) counts.set(time, (counts.get(time) ?? 0) + 1);
  const bounds = [from];
  let inside = 0;
  for (const [time, count] of counts) {
    if (inside > 0 && inside + count > room) {
      bounds.push(time);
      inside = 0;
    }
    inside += count;
    if (count > room) {
      bounds.push(time, addTicks(time, 1));
      inside = 0;
    }
  }
  const inWindow = [...new Set([...bounds, to])].filter((bound) => bound >= from && bound <= to).sort();
  return inWindow.slice(1).map((end, index) => ({ from: inWindow[index] ?? from, to: end }));
}

/** True for a slice that cannot be halved any more. */
export function isOneTick(slice: Slice): boolean {
  return ticksFromPadded(slice.to) - ticksFromPadded(slice.from) <= 1n;
}

/** The slice did not fit a page: half its real length next. */
export function halved(stretch: Stretch, slice: Slice): Stretch {
  const length = Number(ticksFromPadded(slice.to) - ticksFromPadded(slice.from));
  return { ...stretch, sliceTicks: Math.max(1, Math.floor(length / 2)) };
}

/** The slice is stored: the checkpoint moves to its start, the next slice's length follows the density seen. */
export function advanced(stretch: Stretch, sliceFrom: PaddedTime, found: number, top: number): Stretch {
  const factor = found === 0 ? 4 : Math.min(4, Math.max(0.5, (GOOD_FILL * top) / found));
  const sliceTicks = Math.round(Math.min(LONGEST_SLICE_TICKS, Math.max(1, stretch.sliceTicks * factor)));
  return { ...stretch, to: sliceFrom, sliceTicks };
}

/**
 * The state's stretches with a new, announced one before them. One of the same kind that it meets becomes part of it:
 * while the overlap window alone is too long for a pass, every pass hands over much the same times again.
 */
export function withStretch(stretches: readonly Stretch[], next: Stretch): readonly Stretch[] {
  const met = stretches.find(
    ({ kind, announce, from, to }) => kind === next.kind && announce && to >= next.from && from <= next.to,
  );
  if (!met) return [next, ...stretches];
  const from = met.from < next.from ? met.from : next.from;
  return [{ ...next, from }, ...stretches.filter((stretch) => stretch !== met)];
}

/** The state's stretches with the first one replaced, or removed once it is read to its start. */
export function withFirst(stretches: readonly Stretch[], first: Stretch): readonly Stretch[] {
  const rest = stretches.slice(1);
  return first.to <= first.from ? rest : [first, ...rest];
}
