/** One tick of a timer. Both in milliseconds since 1970 UTC. */
export interface Tick {
  /** Where the tick before ended; undefined when that is not known. */
  readonly lastMs: number | undefined;
  readonly nowMs: number;
}

/**
 * The host may begin a tick a little before its time, and says afterwards that it was then (`ScheduleStatus.Last` of
 * azure-webjobs-sdk-extensions): what is due in between would be of neither tick.
 */
const EARLY_MS = 1_000;
/** Timers come every minute at the most. */
const HALF_A_TICK_MS = 30_000;

/**
 * Work for what became due between two ticks, for one tick after the other: what a tick owed that failed (storage was
 * away), the next one does. Else what is due once a day would wait for another day. Each tick begins where the last one
 * of this process ended by our own clock, which is neither when the host says it was nor when it should have been.
 *
 * @param work done once for each tick, with the time that it is for; it throws when nothing, or not all, was done
 * @returns the same, to be called with what the host says of a tick
 */
export function createTicks<Dependencies, Result>(
  work: (dependencies: Dependencies, tick: Tick) => Promise<Result>,
): (dependencies: Dependencies, tick: Tick) => Promise<Result> {
  let owed: Pick<Tick, 'lastMs'> | undefined;
  let doneUntil: number | undefined;
  return async (dependencies, { lastMs, nowMs }) => {
    const begins = lastMs === undefined ? undefined : beginningOf(lastMs, doneUntil);
    owed = { lastMs: owed ? earlier(owed.lastMs, begins) : begins };
    const result = await work(dependencies, { ...owed, nowMs });
    owed = undefined;
    doneUntil = nowMs;
    return result;
  };
}

/** @param doneUntil by our own clock, where this process did a tick before: the last one, unless others did some since */
function beginningOf(lastMs: number, doneUntil: number | undefined): number {
  const isOurs = doneUntil !== undefined && doneUntil > lastMs - HALF_A_TICK_MS;
  return isOurs ? doneUntil : lastMs - EARLY_MS;
}

/** Undefined is earlier than any time. */
function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.min(a, b);
}
