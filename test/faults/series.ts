import { drawSchedule } from './draw-schedule.ts';
import { play } from './play.ts';
import { seedOf } from './random.ts';
import type { Schedule } from './schedule.ts';
import { shrink } from './shrink.ts';
import { tellBeginning } from './story.ts';

/** A series of stories: which of them, and what came of it. */
export interface Series {
  /** Of the whole series; its n-th story has a seed of its own. */
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

export interface SeriesResult {
  readonly played: number;
  /** In how many stories each hazard really occurred. */
  readonly hazards: Readonly<Record<string, number>>;
  /** The first story that went wrong. */
  readonly failed: Failed | undefined;
}

export interface Failed {
  /** Seed of the one story: `--story` plays it again. */
  readonly story: number;
  readonly why: string;
  /** The seed, the shortest story found that goes wrong in the same way, line by line, and why. */
  readonly report: string;
}

/** Plays a series, and stops at the first story that goes wrong. */
export async function playSeries({ seed, from, to }: Series): Promise<SeriesResult> {
  const hazards: Record<string, number> = {};
  for (let index = from; index < to; index++) {
    const story = seedOf(seed, index);
    const played = await withoutStacks(() => play(drawSchedule(story)));
    for (const hazard of played.hazards) hazards[hazard] = (hazards[hazard] ?? 0) + 1;
    if (played.failure === undefined) continue;
    return {
      played: index - from + 1,
      hazards,
      failed: { story, why: played.failure, report: await reportOf(story) },
    };
  }
  return { played: to - from, hazards, failed: undefined };
}

/** A series throws by the thousand, and where from is asked only of what is told: that story is played again. */
async function withoutStacks<Result>(work: () => Promise<Result>): Promise<Result> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Plays one story again, by its own seed, and tells it as short as it can be. */
export async function reportOf(story: number): Promise<string> {
  const whole = drawSchedule(story);
  const { failure } = await play(whole);
  if (failure === undefined) return `Story ${story} goes well.`;
  const shortest = await shrink(whole, async (candidate) =>
    sameKind((await play(candidate)).failure, failure),
  );
  return await tell(story, shortest);
}

async function tell(story: number, schedule: Schedule): Promise<string> {
  const { told, failure } = await play(schedule);
  return [
    `Story ${story} goes wrong (again: node test/faults/run.ts --story ${story}). Its shortest form:`,
    ...tellBeginning(schedule),
    ...told,
    `=> ${failure}`,
  ].join('\n');
}

function sameKind(failure: string | undefined, wanted: string): boolean {
  return failure !== undefined && kindOf(failure) === kindOf(wanted);
}

/** The failure without what differs from story to story. */
function kindOf(failure: string): string {
  return (failure.split(/[:[\n]/)[0] ?? '').replaceAll(/incident \S+|\d+/g, '');
}
