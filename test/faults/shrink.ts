import type { Fault, Schedule, Step } from './schedule.ts';

/** So many shorter stories are tried at most. */
const MOST_TRIES = 600;

/**
 * The shortest story found that still goes wrong in the same way: steps, faults and incidents are left out, in halves
 * first and then one by one, until nothing more can be.
 */
export async function shrink(
  schedule: Schedule,
  goesWrong: (candidate: Schedule) => Promise<boolean>,
): Promise<Schedule> {
  let best = schedule;
  let tries = 0;
  const attempt = async (candidate: Schedule): Promise<boolean> => {
    if (tries++ >= MOST_TRIES || !(await goesWrong(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let before = Number.POSITIVE_INFINITY; sizeOf(best) < before; ) {
    before = sizeOf(best);
    await leaveOut(
      () => best.steps,
      (steps) => attempt({ ...best, steps }),
    );
    await leaveOut(
      () => best.initial,
      (initial) => attempt({ ...best, initial }),
    );
    for (let n = 0; n < best.steps.length; n++) await simplify(n, () => best, attempt);
  }
  return best;
}

/** Leaves out parts of a list, from halves to single items. */
async function leaveOut<Item>(
  items: () => readonly Item[],
  attempt: (fewer: readonly Item[]) => Promise<boolean>,
): Promise<void> {
  for (let length = Math.ceil(items().length / 2); length >= 1; length = Math.floor(length / 2)) {
    for (let start = items().length - length; start >= 0; start -= length) {
      const all = items();
      await attempt([...all.slice(0, start), ...all.slice(start + length)]);
    }
  }
}

/** Fewer faults at a step; one run instead of two. */
async function simplify(
  n: number,
  best: () => Schedule,
  attempt: (candidate: Schedule) => Promise<boolean>,
): Promise<void> {
  const withStep = (step: Step): Schedule => ({ ...best(), steps: best().steps.with(n, step) });
  const step = best().steps[n];
  if (!step || !('faults' in step)) return;
  if (step.do !== 'run') await attempt(withStep({ do: 'run', faults: step.faults }));
  const now = (): { readonly faults: readonly Fault[] } => best().steps[n] as Extract<Step, { do: 'run' }>;
  await leaveOut(
    () => now().faults,
    (faults) => attempt(withStep({ ...(best().steps[n] as Extract<Step, { do: 'run' }>), faults })),
  );
  const two = best().steps[n];
  if (two?.do !== 'two') return;
  await leaveOut(
    () => two.others,
    (others) => attempt(withStep({ ...(best().steps[n] as typeof two), others })),
  );
}

function sizeOf({ steps, initial }: Schedule): number {
  const faults = steps.map((step) =>
    step.do === 'two'
      ? step.faults.length + step.others.length + 1
      : 'faults' in step
        ? step.faults.length
        : 0,
  );
  return steps.length * 4 + initial.length + faults.reduce((sum, count) => sum + count, 0);
}
