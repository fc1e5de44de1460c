import type { Random } from '../../lab/defender/random.ts';
import { requestRun } from '../../shared/incidents/request-run.ts';
import { runSync, type SyncDependencies } from '../../shared/incidents/run.ts';
import { createWakeUp } from '../../shared/incidents/wake-up.ts';
import type { Log } from '../../shared/log.ts';
import type { TenantDirectory } from '../../shared/tenant.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { appOf } from './actor.ts';
import type { Findings } from './findings.ts';
import { createForeignListings } from './foreign-listings.ts';
import { createHunts } from './hunts.ts';
import type { SteadyClock } from './steady-clock.ts';
import type { CrossingTenant } from './tenants.ts';
import { usersOf } from './users.ts';
import { createVisits } from './visits.ts';
import { watchStore } from './watched-store.ts';
import type { World } from './world.ts';

/** One thing to do: a tenant's sync, its app's hunt, or what a person wants done. */
export interface Work {
  readonly of: CrossingTenant;
  readonly run: () => Promise<unknown>;
}

export interface WorkOptions {
  readonly tenants: readonly CrossingTenant[];
  readonly world: World;
  /** The tenants as Outrider knows them. */
  readonly registry: TenantDirectory;
  readonly store: MemoryStore;
  readonly clock: SteadyClock;
  readonly random: Random;
  readonly findings: Findings;
  readonly log: Log;
}

const VISIT_SHARE = 0.35;
const HUNT_SHARE = 0.5;
const LIST_SHARE = 0.4;

/** What there is to do in a round: all syncs, the hunts of some apps, the visits of some persons. */
export function createWork({ tenants, world, registry, store, clock, random, findings, log }: WorkOptions) {
  const users = tenants.flatMap((of) => usersOf(of).map((user) => ({ of, user })));
  const watched = watchStore(store, findings);
  const wakeUp = createWakeUp({ queue: watched.queue, clock });
  const choice = random.fork('choice');
  const hunt = createHunts({ clock, random: random.fork('hunts'), findings });
  const listForeign = createForeignListings({
    table: watched.table,
    random: random.fork('listings'),
    findings,
  });
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

  async function syncOf(of: CrossingTenant): Promise<void> {
    findings.counts.syncRuns++;
    await runSync(sync, { tenantId: of.tenant.id });
    if (choice.chance(LIST_SHARE)) await listForeign(of);
  }

  return {
    syncs: (): Work[] => tenants.map((of) => ({ of, run: () => syncOf(of) })),
    hunts(): Work[] {
      const hunting = tenants.filter(() => choice.chance(HUNT_SHARE));
      return hunting.map((of) => ({ of, run: () => hunt(appOf(of), world.asApp(of.tenant).hunting) }));
    },
    visits(): Work[] {
      const visiting = users.filter(() => choice.chance(VISIT_SHARE));
      return visiting.map(({ of, user }) => ({ of, run: () => visit(of, user) }));
    },
  };
}
