import { setTimeout as wait } from 'node:timers/promises';
import type { Cloud } from '../../lab/cloud.ts';
import type { Instances } from './instances.ts';
import type { StoredReader } from './stored-tenant.ts';

/** What a play is played on: the lab's cloud, the app's processes, and the time of both. */
export interface Stage {
  readonly cloud: Cloud;
  readonly instances: Instances;
  readonly reader: StoredReader;
  readonly clock: { now(): number };
  advance(ms: number): void;
}

const MINUTE_MS = 60_000;
/**
 * The app's time runs this much faster once nothing has been called for a while: then only a lease or the timer is
 * waited for. Never during a call, whose time limit would pass.
 */
const HASTE = 100;
const IDLE_LOOKS = 8;
/** What a run that is at work calls. */
const WORK = ['entra', 'graph', 'table', 'blob'];
const LOOK_EVERY_MS = 50;
const ROUND_MS = 3_000;

/** Waits until the lab has had so many more requests; a tenant that has nothing to do may never send them. */
export async function requests(cloud: Cloud, more: number): Promise<void> {
  const total = (): number => cloud.log.counts().reduce((sum, { calls }) => sum + calls, 0);
  const before = total();
  const giveUpAt = Date.now() + ROUND_MS;
  while (total() - before < more && Date.now() < giveUpAt) await wait(1);
}

/** Lets the app's time pass, with the timer's ticks, until every tenant's state is as wanted. */
export async function hurryUntil(
  { cloud, instances, reader, clock, advance }: Stage,
  withinMs: number,
  what: string,
  isSo: (state: Awaited<ReturnType<StoredReader['state']>>) => boolean,
): Promise<void> {
  const began = clock.now();
  let minute = 0;
  let idle = 0;
  for (;;) {
    const states = await Promise.all(cloud.world.tenants.map(({ id }) => reader.state(id)));
    if (states.every(isSo)) return;
    if (clock.now() - began > withinMs) {
      const shown = states.filter((state) => !isSo(state)).map((state) => JSON.stringify(state));
      throw new Error(`${what}:\n${[...shown, ...instances.errors].join('\n')}`);
    }
    const now = Math.floor(clock.now() / MINUTE_MS);
    if (now > minute) {
      await instances.running[0]?.tick();
      idle = 0;
    }
    minute = now;
    const before = cloud.log.callsTo(WORK);
    await wait(LOOK_EVERY_MS);
    idle = cloud.log.callsTo(WORK) > before ? 0 : idle + 1;
    if (idle >= IDLE_LOOKS) advance(LOOK_EVERY_MS * (HASTE - 1));
  }
}
