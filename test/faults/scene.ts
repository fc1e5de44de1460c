import { recordPoisoned } from '../../shared/incidents/poisoned.ts';
import { requestRun } from '../../shared/incidents/request-run.ts';
import { type RunOutcome, runSync } from '../../shared/incidents/run.ts';
import type { SyncState } from '../../shared/incidents/state.ts';
import { createWakeUp } from '../../shared/incidents/wake-up.ts';
import type { Log } from '../../shared/log.ts';
import { tenantMessage } from '../../shared/tenant-message.ts';
import { createConfiguredTenants } from '../../shared/tenants-from-config.ts';
import { createMemoryStore, type MemoryStore } from '../support/memory-store.ts';
import { tenantWith } from '../support/tenant-with.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { type Actor, type Conductor, createConductor, type Gate } from './conductor.ts';
import { gatedSource, gatedStore, type SeenContent } from './gated-ports.ts';
import { createRandom } from './random.ts';
import type { Effect, Fault, Schedule, Step } from './schedule.ts';
import { createWorld, type World } from './world.ts';

/** Where a story is played: the real sync between a model of the live list and a store in memory. */
export interface Scene {
  readonly tenant: string;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly store: MemoryStore;
  readonly world: World;
  readonly conductor: Conductor;
  /** What completed reads saw, of runs that ended well: pages and answers by id, with alerts. */
  readonly owed: readonly SeenContent[];
  /** Incidents that some read by id could not bring. */
  readonly notExpanded: ReadonlySet<string>;
  /** An incident may have fallen between two pages of an open window. */
  readonly pageSkipped: () => boolean;
  readonly state: () => SyncState | undefined;
  startRun(faults: readonly Fault[]): Actor;
  startStep(step: Step): void;
  /** From now on `$expand` works. */
  calm(): void;
}

/** Whoever listens: what really occurred, and the story line by line. */
export interface Listeners {
  readonly note: (hazard: string) => void;
  readonly tell: (line: string) => void;
}

const SILENT: Log = { info() {}, warn() {}, error() {} };

export function createScene({ seed, settings, initial }: Schedule, { note, tell }: Listeners): Scene {
  const random = createRandom(seed ^ 0x5bd1e995);
  const clock = createVirtualClock();
  const store = createMemoryStore({ now: clock.now });
  const world = createWorld({ settings, now: clock.now, random, note });
  const { overlapMinutes, backfillDays } = settings;
  const tenant = tenantWith({ overlapMinutes, backfillDays });
  const tenants = createConfiguredTenants([tenant]);
  const owed: SeenContent[] = [];
  const notExpanded = new Set<string>();
  let calm = false;
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
    return conductor.start(`run ${++runs}`, faults, runBehind);
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
      expandFails: () => !calm,
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
        conductor.start('a person asks', [], (gate) => {
          const ports = { ...gatedStore(gate, store), clock };
          return requestRun({ ...ports, wakeUp: createWakeUp(ports) }, tenant);
        });
        return;
      case 'poison':
        startRun(step.faults);
        conductor.start('a poisoned message', [], (gate) =>
          recordPoisoned(
            { ...gatedStore(gate, store), tenants, clock, log: SILENT },
            tenantMessage(tenant.id),
          ),
        );
    }
  }

  return {
    tenant: tenant.id,
    clock,
    store,
    world,
    conductor,
    owed,
    notExpanded,
    pageSkipped: () => skipped,
    state: stateNow,
    startRun,
    startStep,
    calm() {
      calm = true;
    },
  };
}
