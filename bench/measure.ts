/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** One line of the bench's result: ours, what it is measured against in the same run, and the goal. */
export interface Measure {
  readonly what: string;
  readonly ours: string;
  readonly against: string;
  readonly ratio: number | undefined;
  readonly goal: string;
  readonly met: boolean;
}

/**
 * Medians of two pieces of work, run alternately so that a noisy machine disturbs both alike.
 *
 * @returns medians in milliseconds
 */
export async function alternate(
  rounds: number,
  ours: () => Promise<number>,
  floor: () => Promise<number>,
): Promise<{ readonly ours: number; readonly floor: number }> {
  const times = { ours: [] as number[], floor: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.floor.push(await floor());
    times.ours.push(await ours());
  }
  return { ours: median(times.ours), floor: median(times.floor) };
}
