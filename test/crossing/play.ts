import { createRandom } from '../../lab/defender/random.ts';
import { notes } from '../../lab/leak-watch/notes.ts';
import { mapLimit } from '../../shared/concurrency.ts';
import { isOutriderError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { createMemoryStore, type MemoryStore } from '../support/memory-store.ts';
import { actingFor, appOf } from './actor.ts';
import { type Counts, createFindings } from './findings.ts';
import { type Inspected, inspectStore } from './inspect.ts';
import { createLiveChanges } from './live-changes.ts';
import { createCrossingRegistry } from './registry.ts';
import { createSteadyClock } from './steady-clock.ts';
import { type CrossingTenant, crossingTenants } from './tenants.ts';
import { createWork, type Work } from './work.ts';
import { createWorld } from './world.ts';

export interface CrossingPlay {
  readonly tenants: number;
  /** Rounds go on until so many calls were made; those of the quiet rounds come on top. */
  readonly calls: number;
  readonly seed: number;
}

/** For every day, and the whole proof. */
export const LIGHT_PLAY: CrossingPlay = { tenants: 100, calls: 4_600, seed: 5 };
export const WHOLE_PLAY: CrossingPlay = { tenants: 100, calls: 50_000, seed: 5 };

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

const WORK_AT_ONCE = 64;
const ROUND_MS = 15 * 60_000;
/** Tokens that are fetched in the background arrive before time goes on: nobody shall wait for a sign-in of the last round. */
const SETTLE_MS = 15_000;
/** Without changes, persons or trouble, so that all that is left to do gets done. */
const QUIET_ROUNDS = 4;
/** What comes of a quota that apps and persons share, and of answers that are too slow again and again. */
const GIVEN_UP = ['pace.exhausted', 'upstream.timeout', 'incident.half_updated'] as const;

/**
 * Many tenants synced, and many persons served, by the real code, from token to row, over stand-ins without sockets and
 * in virtual time.
 */
export async function playCrossing({ tenants: count, calls, seed }: CrossingPlay): Promise<CrossingResult> {
  const random = createRandom(seed);
  const clock = createSteadyClock({ random: random.fork('clock').next });
  const tenants = crossingTenants(count);
  const findings = createFindings();
  const { counts, crossings } = findings;
  const troubles: string[] = [];
  const store = createMemoryStore({ now: clock.now });
  const registry = await createCrossingRegistry(tenants, clock);
  const world = createWorld({ tenants, registry, clock, random, findings });
  const { defender } = world;
  const changes = createLiveChanges({ defender, random: random.fork('changes'), now: clock.now });
  const log = troubleLog(troubles, counts);
  const work = createWork({ tenants, world, registry, store, clock, random, findings, log });
  let underWay = 0;

  async function doOne({ of, run }: Work): Promise<void> {
    if (crossings.length > 0) return;
    counts.workAtOnce = Math.max(counts.workAtOnce, ++underWay);
    try {
      await actingFor.run(appOf(of), run);
    } catch (error) {
      if (isOutriderError(error, ...GIVEN_UP)) counts.givenUp++;
      else troubles.push(`${of.mark}: ${error}`);
    } finally {
      underWay--;
    }
  }

  async function playRound(all: readonly Work[]): Promise<void> {
    await clock.run(async () => {
      await mapLimit(random.shuffle(all), WORK_AT_ONCE, doOne);
      await clock.sleep(SETTLE_MS);
    });
    clock.advance(ROUND_MS);
  }

  const inspect = (wholly: boolean): Inspected | undefined =>
    crossings.length > 0 ? undefined : inspectStore(tenants, { store, defender, findings, wholly });

  for (const of of tenants) changes.seed(of);
  while (counts.calls < calls && crossings.length === 0) {
    for (const of of tenants) changes.stir(of);
    await playRound([...work.syncs(), ...work.hunts(), ...work.visits()]);
  }
  world.calmDown();
  const midLife = inspect(false);
  for (let round = 0; round < QUIET_ROUNDS && crossings.length === 0; round++) await playRound(work.syncs());
  const inspected = inspect(true);
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

/** Work that is given up for now is no trouble: in the end nothing may be missing. */
function troubleLog(troubles: string[], counts: Counts): Log {
  const note: Log['warn'] = (event, fields = {}) => {
    if (GIVEN_UP.some((code) => code === fields.code || code === event)) counts.givenUp++;
    else troubles.push(`${event} ${JSON.stringify(fields)}`);
  };
  return { info: () => {}, warn: note, error: note };
}
