import { isOutriderError } from '../../shared/errors.ts';
import { isExpectedThrow } from './conductor.ts';
import { expectWhole } from './expect-whole.ts';
import { createScene, type Listeners, type Scene } from './scene.ts';
import type { Schedule } from './schedule.ts';
import { tellStep } from './story.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Runs until a tenant must have come to rest. */
const MOST_RUNS = 1_500;

/** How a story went. */
export interface Played {
  /** Hazards that really occurred. */
  readonly hazards: ReadonlySet<string>;
  /** What is not as promised; undefined when all is well. */
  readonly failure: string | undefined;
  /** What happened, line by line. */
  readonly told: readonly string[];
}

/** Plays a story on the real sync in virtual time, and judges what is stored at its end. */
export async function play(schedule: Schedule): Promise<Played> {
  const hazards = new Set<string>();
  const told: string[] = [];
  const listeners: Listeners = {
    note: (hazard) => void hazards.add(hazard),
    tell: (line) => void told.push(line),
  };
  try {
    await playStory(schedule, listeners);
    return { hazards, told, failure: undefined };
  } catch (error) {
    return { hazards, told, failure: error instanceof Error ? error.message : String(error) };
  }
}

async function playStory(schedule: Schedule, listeners: Listeners): Promise<void> {
  const { tell } = listeners;
  const scene = createScene(schedule, listeners);
  const { clock, world, conductor } = scene;
  for (const step of schedule.steps) {
    tell(`${new Date(clock.now()).toISOString().slice(5, 23)} ${tellStep(step)}`);
    world.catchUp();
    scene.startStep(step);
    await conductor.drain();
    conductor.stepOver();
    await conductor.drain();
  }
  conductor.thawAll();
  await conductor.drain();
  judgeThrows(scene, listeners, isExpectedThrow);

  scene.calm();
  clock.advance(MINUTE);
  world.catchUp();
  world.hold(true);
  await settle(scene, listeners);
  if (scene.pageSkipped()) {
    // What falls between two pages is for the next sweep of the last day, an hour later at most.
    clock.advance(2 * HOUR);
    await settle(scene, listeners);
  }
  tell('all is quiet');
  expectWhole({ ...scene, sweptNow: false });
  world.hold(false);
  for (let day = 0; day < 2; day++) {
    clock.advance(25 * HOUR);
    await settle(scene, listeners);
  }
  tell('swept');
  expectWhole({ ...scene, sweptNow: true });
}

/** Runs until nothing is left to do; time passes where the sync waits for it. */
async function settle(scene: Scene, listeners: Listeners): Promise<void> {
  const { clock, conductor, state, startRun } = scene;
  for (let round = 0; round < MOST_RUNS; round++) {
    const { result } = await drained(startRun([]));
    judgeThrows(scene, listeners, () => false);
    if (!result || !('value' in result)) throw new Error('a run does not end');
    if (result.value === 'done') return;
    const { lease, nextAttemptMs } = state() ?? {};
    const until = { busy: lease?.untilMs, waiting: nextAttemptMs }[String(result.value)];
    clock.advance(Math.max(1_000, (until ?? 0) - clock.now()));
  }
  throw new Error('the sync does not come to rest');

  async function drained<Started>(started: Started): Promise<Started> {
    await conductor.drain();
    return started;
  }
}

/** Whatever a run throws that it may not throw. */
function judgeThrows({ conductor }: Scene, { tell }: Listeners, isExpected: typeof isExpectedThrow): void {
  for (const { name, error } of conductor.thrown()) {
    tell(`${name}: throws ${error}`);
    if (!isExpected(error)) throw new Error(`${name} threw ${describe(error)}`);
  }
}

function describe(error: unknown): string {
  if (isOutriderError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
