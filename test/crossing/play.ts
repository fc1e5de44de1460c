import { createRandom } from '../../lab/defender/random.ts';
import { notes } from '../../lab/leak-watch/notes.ts';
import { mapLimit } from '../../shared/concurrency.ts';
import { requestRun } from '../../shared/incidents/request-run.ts';
import { runSync, type SyncDependencies } from '../../shared/incidents/run.ts';
import { createWakeUp } from '../../shared/incidents/wake-up.ts';
import type { Log } from '../../shared/log.ts';
import { createMemoryStore, type MemoryStore } from '../support/memory-store.ts';
import { actingFor, appOf } from './actor.ts';
import { type Counts, createFindings } from './findings.ts';
import { createForeignListings } from './foreign-listings.ts';
import { createHunts } from './hunts.ts';
import { type Inspected, inspectStore } from './inspect.ts';
import { createLiveChanges } from './live-changes.ts';
import { createCrossingRegistry } from './registry.ts';
import { createSteadyClock } from './steady-clock.ts';
import { type CrossingTenant, crossingTenants } from './tenants.ts';
import { usersOf } from './users.ts';
import { createVisits } from './visits.ts';
import { watchStore } from './watched-store.ts';
import { createWorld } from './world.ts';

export interface CrossingPlay {
  readonly tenants: number;
  readonly rounds: number;
  readonly seed: number;
}

/** For every day, and the whole proof. */
export const LIGHT_PLAY: CrossingPlay = { tenants: 100, rounds: 4, seed: 5 };
export const WHOLE_PLAY: CrossingPlay = { tenants: 100, rounds: 44, seed: 5 };

export interface CrossingResult {
  readonly counts: Counts;
  /** Signs that tenants or persons were mixed up; the play ends with the first. */
  readonly crossings: readonly string[];
  /** What else went wrong: work that failed or threw. */
  readonly troubles: readonly string[];
  /** What was stored after the last change, while much is still remembered as seen, and in the end. */
  readonly midLife: Inspected | undefined;
  readonly inspected: Inspected | undefined;
}

/** One thing to do: a tenant's sync, its app's hunt, or what a person wants done. */
interface Work {
  readonly of: CrossingTenant;
  readonly run: () => Promise<unknown>;
}

const WORK_AT_ONCE = 64;
const ROUND_MS = 15 * 60_000;
/** Without changes, persons or trouble, so that all that is left to do gets done. */
const QUIET_ROUNDS = 4;
const VISIT_SHARE = 0.35;
const HUNT_SHARE = 0.5;
const LIST_SHARE = 0.4;

/**
 * Many tenants synced, and many persons served, by the real code, from token to row, over stand-ins without sockets and
 * in virtual time.
 */
export async function playCrossing({ tenants: count, rounds, seed }: CrossingPlay): Promise<CrossingResult> {
  const random = createRandom(seed);
  const clock = createSteadyClock({ random: random.fork('clock').next });
  const tenants = crossingTenants(count);
  const users = tenants.flatMap((of) => usersOf(of).map((user) => ({ of, user })));
  const findings = createFindings();
  const { counts, crossings } = findings;
  const troubles: string[] = [];
  const log = troubleLog(troubles);
  const store = createMemoryStore({ now: clock.now });
  const watched = watchStore(store, findings);
  const registry = await createCrossingRegistry(tenants, clock);
  const world = createWorld({ tenants, registry, clock, random, findings });
  const changes = createLiveChanges({
    defender: world.defender,
    random: random.fork('changes'),
    now: clock.now,
  });
  const listForeign = createForeignListings({
    table: watched.table,
    random: random.fork('listings'),
    findings,
  });
  const hunt = createHunts({ clock, random: random.fork('hunts'), findings });
  const wakeUp = createWakeUp({ queue: watched.queue, clock });
  const visit = createVisits({
    world,
    registry,
    clock,
    random: random.fork('visits'),
    findings,
    hunt,
    requestRun: ({ tenant }) => requestRun({ ...watched, clock, wakeUp }, tenant),
    log,
  });
  const sync: SyncDependencies = {
    ...watched,
    tenants: registry,
    sourceFor: (tenant) => world.asApp(tenant).incidents,
    clock,
    log,
  };
  const choice = random.fork('choice');
  let underWay = 0;

  async function syncOf(of: CrossingTenant): Promise<void> {
    counts.syncRuns++;
    await runSync(sync, { tenantId: of.tenant.id });
    if (choice.chance(LIST_SHARE)) await listForeign(of);
  }

  const syncs = (): Work[] => tenants.map((of) => ({ of, run: () => syncOf(of) }));
  const busyRound = (): Work[] => [...syncs(), ...hunts(), ...visits()];

  function hunts(): Work[] {
    const hunting = tenants.filter(() => choice.chance(HUNT_SHARE));
    return hunting.map((of) => ({ of, run: () => hunt(appOf(of), world.asApp(of.tenant).hunting) }));
  }

  function visits(): Work[] {
    const visiting = users.filter(() => choice.chance(VISIT_SHARE));
    return visiting.map(({ of, user }) => ({ of, run: () => visit(of, user) }));
  }

  async function doOne({ of, run }: Work): Promise<void> {
    if (crossings.length > 0) return;
    counts.workAtOnce = Math.max(counts.workAtOnce, ++underWay);
    try {
      await actingFor.run(appOf(of), run);
    } catch (error) {
      troubles.push(`${of.mark}: ${error}`);
    } finally {
      underWay--;
    }
  }

  const doAll = (work: Work[]) => clock.run(() => mapLimit(random.shuffle(work), WORK_AT_ONCE, doOne));
  const inspect = (wholly: boolean): Inspected =>
    inspectStore(tenants, { store, defender: world.defender, findings, wholly });

  let midLife: Inspected | undefined;
  for (const of of tenants) changes.seed(of);
  for (let round = 0; round < rounds + QUIET_ROUNDS && crossings.length === 0; round++) {
    if (round === rounds) {
      world.calmDown();
      midLife = inspect(false);
    }
    if (round < rounds) for (const of of tenants) changes.stir(of);
    await doAll(round < rounds ? busyRound() : syncs());
    clock.advance(ROUND_MS);
  }
  const inspected = crossings.length === 0 ? inspect(true) : undefined;
  noteStored(tenants, store, troubles);
  return { counts, crossings, troubles, midLife, inspected };
}

/** For the scan of the whole test run: what is stored, said and queued in the end may hold no secret. */
function noteStored(
  tenants: readonly CrossingTenant[],
  store: MemoryStore,
  troubles: readonly string[],
): void {
  const rows = tenants.flatMap(({ tenant }) => store.rows(tenant.id));
  notes().seen('rows of test/crossing', JSON.stringify(rows));
  for (const name of store.blobNames()) notes().seen('blob of test/crossing', store.blob(name) ?? '');
  notes().seen('messages and log of test/crossing', JSON.stringify([store.messages, troubles]));
}

function troubleLog(troubles: string[]): Log {
  const note: Log['warn'] = (event, fields) => void troubles.push(`${event} ${JSON.stringify(fields)}`);
  return { info: () => {}, warn: note, error: note };
}
