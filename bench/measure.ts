/** One row of docs/performance.md: what was measured, what it is measured against in the same run, and the goal. */
export interface Result {
  readonly what: string;
  /** The floor, or whatever the value is compared with, with its own figure; empty where the goal is absolute. */
  readonly against: string;
  readonly goal: string;
  /** The figure itself, with its unit. */
  readonly value: string;
  /** Ours divided by the floor. */
  readonly ratio?: number | undefined;
  readonly met: boolean;
  /** Absolute times, calls and rows behind the figure, and how it was measured; each further line is a point of its own. */
  readonly detail: string;
  /** Why a goal is missed, as a profile showed; shown only while it is. */
  readonly reason?: string | undefined;
}

/** One file of bench/, registered by one line in bench/run.ts. */
export interface Bench {
  /** For the command line: `npm run bench -- <name>`. */
  readonly name: string;
  run(): Promise<readonly Result[]>;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
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
