import { setTimeout as sleep } from 'node:timers/promises';
import type { Defender } from '../defender/defender.ts';
import type { Random } from '../defender/random.ts';
import type { SessionTenant, StreamChange } from './events.ts';
import type { Roster } from './roster.ts';

/** Days that the generated history covers: within the app's first load of 30. */
const HISTORY_DAYS = 28;
const FIRST_TENANT = 300;
const OTHER_TENANTS = 120;
/** A lab of many tenants is about the many: little in each, so that it is ready soon. */
const MANY_TENANTS = 10;
const OF_MANY = 30;
const STEP_MS = 5_000;

/** Gives every tenant a past. @returns how many incidents each has, in the order of the tenants */
export function seedHistory(defender: Defender, tenants: readonly SessionTenant[]): readonly number[] {
  const others = tenants.length > MANY_TENANTS ? OF_MANY : OTHER_TENANTS;
  return tenants.map(({ id }, place) => {
    const incidents = place === 0 ? FIRST_TENANT : others;
    defender.tenant(id).generator.seedHistory(incidents, HISTORY_DAYS);
    return incidents;
  });
}

/** Gives the directory that is no customer yet a past of its own, for when it is one. */
export function seedProspect(defender: Defender, id: string): void {
  defender.tenant(id).generator.seedHistory(OTHER_TENANTS, HISTORY_DAYS);
}

/** Changes something every few seconds, more often at the first tenant, until the signal says stop. */
export async function runStream(options: {
  readonly defender: Defender;
  readonly tenants: Pick<Roster, 'all'>;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Default 5 s. */
  readonly stepMs?: number;
  readonly onChange: (tenant: SessionTenant, change: StreamChange) => void;
}): Promise<void> {
  const { defender, tenants, random, signal, stepMs = STEP_MS } = options;
  while (await pause(stepMs, signal)) {
    const all = tenants.all();
    const tenant = random.chance(0.3) ? all[0] : random.pick(all);
    if (tenant === undefined) return;
    const live = defender.tenant(tenant.id);
    const change = live.generator.step();
    options.onChange(tenant, { ...change, title: live.get(change.incidentId)?.displayName ?? '' });
  }
}

/** False when the signal ended the pause. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => {});
  return !signal.aborted;
}
