import { isOutriderError } from '../../shared/errors.ts';
import { syncMessage } from '../../shared/incidents/message.ts';
import { recordPoisoned } from '../../shared/incidents/poisoned.ts';
import { requestRun } from '../../shared/incidents/request-run.ts';
import { type RunOutcome, runSync } from '../../shared/incidents/run.ts';
import type { SyncState } from '../../shared/incidents/state.ts';
import type { Log } from '../../shared/log.ts';
import { createConfiguredTenants } from '../../shared/tenants-from-config.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { tenantWith } from '../support/sync-rig.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { type Actor, createConductor, type Gate, isExpectedThrow } from './conductor.ts';
import { expectWhole } from './expect-whole.ts';
import { gatedSource, gatedStore, type SeenContent } from './gated-ports.ts';
import { createRandom } from './random.ts';
import type { Effect, Fault, Schedule, Step } from './schedule.ts';
import { tellStep } from './story.ts';
import { createWorld } from './world.ts';

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
  try {
    await playStory(
      schedule,
      (hazard) => hazards.add(hazard),
      (line) => told.push(line),
    );
    return { hazards, told, failure: undefined };
  } catch (error) {
    return { hazards, told, failure: error instanceof Error ? `${error.message}` : String(error) };
  }
}

async function playStory(
  { seed, settings, initial, steps }: Schedule,
  note: (hazard: string) => void,
  tell: (line: string) => void,
): Promise<void> {
  const random = createRandom(seed ^ 0x5bd1e995);
  const clock = createVirtualClock();
  const store = createMemoryStore({ now: clock.now });
  const world = createWorld({ settings, now: clock.now, random, note });
  const tenant = tenantWith({
    overlapMinutes: settings.overlapMinutes,
    backfillDays: settings.backfillDays,
  });
  const tenants = createConfiguredTenants([tenant]);
  const owed: SeenContent[] = [];
  const notExpanded = new Set<string>();
  let quiet = false;
  let runs = 0;
  let skipped = false;

  const stateNow = (): SyncState | undefined => {
    const row = store.rows(tenant.id).find(({ key }) => key === 's');
    return row && (JSON.parse(String(row.columns.state)) as SyncState);
  };
  world.watermark = () => stateNow()?.head?.watermark;
  if (settings.order === 'created') note('listed by creation');
  if (settings.family === 'xdr') note('Defender XDR API');
  for (const { id, ageMs, alerts } of initial) world.place(id, ageMs, alerts);

  const conductor = createConductor({ random, clock, note, tell, tick: world.catchUp, strike });

  function strike(effect: Effect): void {
    if (effect.kind === 'change') world.apply(effect.change);
    if (effect.kind === 'etag') rewriteState('etag lost', {});
    if (effect.kind === 'steal') rewriteState('lease stolen', { lease: leaseOf('thief', 20_000) });
  }

  function leaseOf(run: string, ms: number): SyncState['lease'] {
    return { run, holder: run, untilMs: clock.now() + ms };
  }

  /** Another writer was faster. The store does its work before its first await. */
  function rewriteState(hazard: string, patch: Partial<SyncState>): void {
    const row = store.rows(tenant.id).find(({ key }) => key === 's');
    const state = stateNow();
    if (!row || !state) return;
    note(hazard);
    const columns = {
      ...row.columns,
      writer: hazard,
      state: JSON.stringify({ ...state, writer: hazard, ...patch }),
    };
    void store.table.transact(tenant.id, [{ op: 'replace', key: 's', columns, etag: row.etag }]);
  }

  function startRun(faults: readonly Fault[]): Actor {
    const name = `run ${++runs}`;
    return conductor.start(name, faults, (gate, actor) => runBehind(gate, actor));
  }

  async function runBehind(gate: Gate, actor: Actor): Promise<RunOutcome> {
    let attempt: SeenContent[] = [];
    let paced = false;
    const log: Log = {
      info(event) {
        if (event === 'sync.fenced') {
          attempt = [];
          note('overtaken, began again');
        }
        if (event === 'sync.head_handed_over') note('head handed over');
      },
      warn(event, fields) {
        if (event === 'sync.run_failed') paced ||= fields?.code === 'pace.exhausted';
      },
      error: () => {},
    };
    const sent = store.messages.length;
    const source = gatedSource({
      gate,
      model: world.source,
      settings,
      expandFails: () => !quiet,
      note(hazard) {
        skipped ||= hazard === 'page skips an item';
        note(hazard);
      },
      seen: (contents) => void attempt.push(...contents),
      notExpanded: (id) => notExpanded.add(id),
    });
    const outcome = await runSync(
      {
        ...gatedStore(gate, store),
        tenants,
        sourceFor: () => source,
        clock,
        log,
        newRunId: () => actor.name,
        budgetMs: settings.budgetMs,
      },
      { tenantId: tenant.id },
    );
    note(`outcome: ${outcome}`);
    if ((outcome === 'done' || outcome === 'more') && !paced) owed.push(...attempt);
    if (outcome === 'more' && store.messages.length === sent)
      throw new Error('a run had more to do and told nobody');
    return outcome;
  }

  function startStep(step: Step): void {
    switch (step.do) {
      case 'change':
        world.apply(step.change);
        return;
      case 'pass':
        clock.advance(step.ms);
        return;
      case 'lease':
        rewriteState('lease left by a dead run', { lease: leaseOf('dead', step.ms) });
        return;
      case 'run':
        startRun(step.faults);
        return;
      case 'two':
        startRun(step.faults);
        startRun(step.others);
        return;
      case 'ask':
        startRun(step.faults);
        conductor.start('a person asks', [], (gate) =>
          requestRun({ ...gatedStore(gate, store), clock }, tenant),
        );
        return;
      case 'poison':
        startRun(step.faults);
        conductor.start('a poisoned message', [], (gate) =>
          recordPoisoned(
            { ...gatedStore(gate, store), tenants, clock, log: { info() {}, warn() {}, error() {} } },
            syncMessage(tenant.id),
          ),
        );
    }
  }

  const actors: Actor[] = [];
  const { start } = conductor;
  conductor.start = (...given) => {
    const actor = start(...given);
    actors.push(actor);
    return actor;
  };

  function judgeThrows(): void {
    for (const { name, result } of actors.splice(0)) {
      if (!result || !('error' in result)) continue;
      tell(`${name}: throws ${result.error}`);
      if (quiet || !isExpectedThrow(result.error)) throw new Error(`${name} threw ${describe(result.error)}`);
    }
  }

  for (const step of steps) {
    tell(`${new Date(clock.now()).toISOString().slice(5, 23)} ${tellStep(step)}`);
    world.catchUp();
    startStep(step);
    await conductor.drain();
    conductor.stepOver();
    await conductor.drain();
  }
  conductor.thawAll();
  await conductor.drain();
  judgeThrows();
  quiet = true;
  clock.advance(MINUTE);
  world.catchUp();

  async function settle(): Promise<void> {
    for (let round = 0; round < MOST_RUNS; round++) {
      const actor = startRun([]);
      await conductor.drain();
      const { result } = actor;
      judgeThrows();
      const outcome = result && 'value' in result ? result.value : undefined;
      if (outcome === undefined) throw new Error('a run does not end');
      if (outcome === 'done') return;
      const { lease, nextAttemptMs } = stateNow() ?? {};
      const until = outcome === 'busy' ? lease?.untilMs : outcome === 'waiting' ? nextAttemptMs : undefined;
      clock.advance(until === undefined ? 1_000 : Math.max(1_000, until - clock.now()));
    }
    throw new Error('the sync does not come to rest');
  }

  const judge = (sweptNow: boolean): void =>
    expectWhole({ store, world, settings, owed, notExpanded, sweptNow, tenant: tenant.id, tell });

  await settle();
  if (skipped) {
    // What falls between two pages is for the next sweep of the last day, an hour later at most.
    clock.advance(2 * HOUR);
    await settle();
  }
  tell('all is quiet');
  judge(false);
  for (let day = 0; day < 2; day++) {
    clock.advance(25 * HOUR);
    await settle();
  }
  tell('swept');
  judge(true);
}

function describe(error: unknown): string {
  if (isOutriderError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
