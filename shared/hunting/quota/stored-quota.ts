import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { OutriderError } from '../../errors.ts';
import type { TableStore } from '../../storage.ts';
import type { RunOrigin } from '../run/types.ts';
import {
  freeAgainMs,
  freeCalls,
  HUNTING_QUOTA,
  type QuotaLimits,
  type QuotaState,
  settled,
  type UsedSlice,
} from './grants.ts';
import type { Quota } from './quota.ts';
import { readQuota, writeQuota } from './quota-store.ts';
import { createWaiters, type Waiter, type Waiters } from './waiters.ts';

/** Writes that lose to other instances so often in a row are a fault of storage. */
const MOST_TRIES = 20;
/** Instances that wait for the same call do not all come back at the same moment. */
const SPREAD_MS = 2_000;

/** What this instance holds of one tenant's calls. */
interface Lane {
  readonly waiters: Waiters;
  left: number;
  slice: (UsedSlice & { readonly origin: RunOrigin }) | undefined;
  /** Somebody looks after those who wait. */
  pumping: boolean;
}

/**
 * The quota of all tenants, kept in each tenant's row `q`. An instance takes a slice of calls at a time, as large as
 * it has use for, so that most requests cost no storage operation; what it does not use it hands in with its next
 * slice, or it comes back by itself. An instance that dies takes at most one slice along, for a minute.
 */
export function createQuota({
  table,
  clock,
  limits = HUNTING_QUOTA,
  holder = randomUUID(),
}: {
  readonly table: TableStore;
  readonly clock: Clock;
  readonly limits?: QuotaLimits;
  /** Unique to the instance. */
  readonly holder?: string;
}): Quota {
  // One small entry for each tenant that was ever hunted in.
  const lanes = new Map<string, Lane>();

  function laneOf(tenant: string): Lane {
    const found = lanes.get(tenant);
    if (found) return found;
    const lane: Lane = { waiters: createWaiters(clock), left: 0, slice: undefined, pumping: false };
    lanes.set(tenant, lane);
    return lane;
  }

  function useCall(lane: Lane, origin: RunOrigin): boolean {
    const { slice } = lane;
    const now = clock.now();
    if (lane.left === 0 || !slice || now > slice.untilMs) return false;
    // What was taken for an ad-hoc run may be of the reserve.
    if (origin === 'scheduled' && slice.origin === 'adhoc') return false;
    lane.left -= 1;
    lane.slice = { ...slice, calls: slice.calls + 1, lastMs: now };
    return true;
  }

  /**
   * Gives calls to those who wait, and takes slices for them, until nobody waits. Its end is told in the very moment in
   * which nobody does: whoever comes next would else wait for one that is over.
   */
  async function pump(tenant: string, lane: Lane): Promise<void> {
    lane.pumping = true;
    try {
      for (let tries = 0; ; ) {
        let first = lane.waiters.first();
        for (; first && useCall(lane, first.origin); first = lane.waiters.first()) lane.waiters.serve();
        if (!first) return;
        const { state, etag } = await readQuota(table, tenant);
        const now = settled(state, { holder, used: lane.slice, nowMs: clock.now() }, limits);
        const free = now.parked ? 0 : freeCalls(now, first.origin, limits);
        if (free === 0) {
          tries = 0;
          await waitFor(tenant, lane, now, first.origin);
          continue;
        }
        const slice = { origin: first.origin, calls: sizeOf(lane, first.origin, free) };
        if (await takeSlice(tenant, lane, { state: now, etag }, slice)) tries = 0;
        else if (++tries >= MOST_TRIES) throw overcrowded(tenant);
        else await clock.sleep(Math.round(clock.random() * 50 * tries));
      }
    } catch (error) {
      // A write whose fate is not known may have handed them in.
      lane.left = 0;
      lane.waiters.refuse(
        () => true,
        () => error,
      );
    } finally {
      lane.pumping = false;
    }
  }

  /**
   * As many as wait, or twice what the last slice had use for; but of what is free never more than half for later:
   * others may wait for the rest.
   */
  function sizeOf({ waiters, left, slice }: Lane, origin: RunOrigin, free: number): number {
    const again = slice && slice.origin === origin && left === 0 ? 2 * slice.calls : 0;
    const forLater = Math.min(again, Math.floor(free / 2));
    return Math.min(free, limits.sliceCalls, Math.max(waiters.size(origin), forLater));
  }

  async function takeSlice(
    tenant: string,
    lane: Lane,
    { state, etag }: { readonly state: QuotaState; readonly etag: string | undefined },
    { origin, calls }: { readonly origin: RunOrigin; readonly calls: number },
  ): Promise<boolean> {
    const nowMs = clock.now();
    const untilMs = nowMs + limits.leaseMs;
    const grants = [...state.grants, { holder, calls, untilMs }];
    if ((await writeQuota(table, tenant, { state: { ...state, grants }, etag })) === undefined) return false;
    lane.slice = { origin, untilMs, calls: 0, lastMs: nowMs };
    lane.left = calls;
    return true;
  }

  async function waitFor(tenant: string, lane: Lane, state: QuotaState, origin: RunOrigin): Promise<void> {
    const atMs = state.parked?.untilMs ?? freeAgainMs(state, origin, limits);
    const waitMs = Math.max(1, atMs - clock.now()) + Math.round(clock.random() * SPREAD_MS);
    const refusal = () => quotaError(tenant, state.parked?.why ?? 'calls', waitMs);
    lane.waiters.refuse((waiter: Waiter) => waiter.latestMs < clock.now() + waitMs, refusal);
    // Whoever comes next may be allowed to go earlier.
    if (lane.waiters.size() > 0) await lane.waiters.sleepUnlessSomebodyComes(waitMs);
  }

  return {
    async take({ tenant, origin, maxWaitMs, signal }) {
      signal?.throwIfAborted();
      const lane = laneOf(tenant);
      // While a slice is handed in, none of its calls may be used.
      if (!lane.pumping && useCall(lane, origin)) return;
      const turn = lane.waiters.wait({ origin, latestMs: clock.now() + maxWaitMs, signal });
      if (!lane.pumping) void pump(tenant, lane);
      await turn;
    },

    async park(tenant, why, untilMs) {
      const lane = laneOf(tenant);
      lane.left = 0;
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const { state, etag } = await readQuota(table, tenant);
        if ((state.parked?.untilMs ?? 0) >= untilMs) return;
        if (await writeQuota(table, tenant, { state: { ...state, parked: { why, untilMs } }, etag })) return;
        await clock.sleep(Math.round(clock.random() * 50));
      }
      throw overcrowded(tenant);
    },
  };
}

function quotaError(tenant: string, why: 'calls' | 'cpu', retryAfterMs: number): OutriderError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return why === 'cpu'
    ? new OutriderError(
        'hunt.cpu_quota',
        `Tenant ${tenant} has used up the CPU share of its hunting queries. The next one may go in ${seconds} seconds.`,
        { tenant, retryAfterMs },
      )
    : new OutriderError(
        'hunt.call_quota',
        `The hunting calls of tenant ${tenant} are used up for now: the next one may go in ${seconds} seconds.`,
        { tenant, retryAfterMs },
      );
}

function overcrowded(tenant: string): OutriderError {
  return new OutriderError(
    'storage.unavailable',
    `The hunting quota of tenant ${tenant} could not be written: other instances were faster ${MOST_TRIES} times.`,
    { tenant },
  );
}
