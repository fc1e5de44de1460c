import { paddedFromMs } from '../../shared/time.ts';
import type { Random } from '../../test/faults/random.ts';
import type { ModelSource } from '../../test/support/model-source.ts';
import type { Freshness } from './freshness.ts';
import type { VirtualTime } from './virtual-time.ts';

const DAY_MS = 86_400_000;
/** Incidents of the 30 days before a tenant is added, and changes in a day; one tenant in a hundred is busy. */
export const USUAL = { before: 40, changes: 20 } as const;
export const BUSY = { before: 2_000, changes: 500 } as const;
const BUSY_IS_ONE_IN = 100;
/** The first busy one's place: a few tenants have none. */
const FIRST_BUSY = 50;
/** One change in so many is a new incident. */
const NEW_ONES = 4;

/** A tenant and its live list. */
export interface LiveTenant {
  readonly id: string;
  readonly model: ModelSource;
}

function kindOf(place: number): typeof USUAL | typeof BUSY {
  return place % BUSY_IS_ONE_IN === FIRST_BUSY ? BUSY : USUAL;
}

/** What a tenant's list holds at the start; `place` is its number among the tenants. */
export function fill({ model }: LiveTenant, place: number, nowMs: number, random: Random): void {
  for (let n = 0; n < kindOf(place).before; n++) {
    const time = paddedFromMs(nowMs - random.below(30 * DAY_MS));
    const alerts = [{ id: `a${n}`, lastUpdate: time, title: 'Suspicious sign-in' }];
    model.upsert({ id: `i${n}`, created: time, lastUpdate: time, status: 'resolved', alerts });
  }
}

/** Changes the lists through one day, at random moments; ends with the day. */
export async function play(
  tenants: readonly LiveTenant[],
  time: VirtualTime,
  random: Random,
  freshness: Freshness,
): Promise<void> {
  const start = time.now();
  const moments = tenants.flatMap((tenant, place) =>
    Array.from({ length: kindOf(place).changes }, () => ({
      tenant,
      atMs: start + random.below(DAY_MS),
    })),
  );
  moments.sort((a, b) => a.atMs - b.atMs);
  for (const { tenant, atMs } of moments) {
    await time.wait(atMs - time.now());
    change(tenant, random, freshness);
  }
}

function change({ id: tenant, model }: LiveTenant, random: Random, freshness: Freshness): void {
  const { size } = model.incidents;
  const isNew = random.below(NEW_ONES) === 0;
  const id = `i${isNew ? size : random.below(size)}`;
  const alerts = model.incidents.get(id)?.alerts ?? [];
  const { lastUpdate } = model.upsert({ id, status: random.pick(['active', 'inProgress', 'resolved']) });
  const alert = { id: `${id}-a${alerts.length}`, lastUpdate, title: 'Suspicious sign-in' };
  if (alerts.length < 10) model.upsert({ id, alerts: [...alerts, alert] });
  freshness.changed(tenant, id, lastUpdate);
}
