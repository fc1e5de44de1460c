import type { Clock } from '../clock.ts';
import { OutriderError } from '../errors.ts';

/** Calls that share a quota, for each app and tenant. */
export type PaceFamily = 'graph.security' | 'xdr.incidents' | 'mde';

/** At most `calls` in any span of `ms` milliseconds. */
export interface PaceLimit {
  readonly calls: number;
  readonly ms: number;
}

/**
 * What we allow ourselves, below what is documented, since other instances and other software share the quota:
 * Graph names 150 a minute for alerts and nothing for incidents
 * (https://learn.microsoft.com/graph/throttling-limits), the Defender XDR API 50 a minute and 1,500 an hour
 * (https://learn.microsoft.com/defender-xdr/api-list-incidents), Defender for Endpoint 100 a minute and 1,500 an hour
 * (https://learn.microsoft.com/defender-endpoint/api/get-machines).
 */
export const PACE_LIMITS: Readonly<Record<PaceFamily, readonly PaceLimit[]>> = {
  'graph.security': [{ calls: 120, ms: 60_000 }],
  'xdr.incidents': [
    { calls: 45, ms: 60_000 },
    { calls: 1_450, ms: 3_600_000 },
  ],
  mde: [
    { calls: 90, ms: 60_000 },
    { calls: 1_450, ms: 3_600_000 },
  ],
};

const FAMILY_NAMES: Readonly<Record<PaceFamily, string>> = {
  'graph.security': 'Microsoft Graph security',
  'xdr.incidents': 'Defender XDR incident',
  mde: 'Defender for Endpoint',
};

/** Whose turn it is to be. */
export interface PaceCaller {
  readonly tenant: string;
  readonly family: PaceFamily;
  readonly signal?: AbortSignal | undefined;
  /** Longest wait in milliseconds; default and ceiling is the pace's own bound. */
  readonly maxWaitMs?: number | undefined;
}

export interface Pace {
  /**
   * Resolves when the call may be sent, first come first served.
   *
   * @throws OutriderError `pace.exhausted` at once, or after a pause that came in between, when the wait would be
   * longer than the bound. Rejects with the signal's reason when aborted.
   */
  take(caller: PaceCaller): Promise<void>;
  /** The service itself asked to be left alone: nobody of this tenant and family goes before `ms` have passed. */
  pause(tenant: string, family: PaceFamily, ms: number): void;
  /** Tenants and families that are kept in memory at present. */
  size(): number;
}

/** One call, sent or about to be: `at` is when, in milliseconds since 1970. */
interface Slot {
  at: number;
  readonly latest: number;
}

/** Slots of one tenant and family in the order in which they were asked for; `at` never descends. */
interface Lane {
  slots: Slot[];
  pausedUntil: number;
}

const SWEEP_EVERY_MS = 60_000;

/**
 * A pace for each tenant and family, from a log of the calls of the longest window. Lanes without a call in it are
 * dropped, so memory follows the calls really made.
 *
 * @param options.maxWaitMs Default 20 s.
 */
export function createPace({
  clock,
  maxWaitMs = 20_000,
  ...options
}: {
  readonly clock: Clock;
  /** Where they are others than `PACE_LIMITS`. */
  readonly limits?: Readonly<Partial<Record<PaceFamily, readonly PaceLimit[]>>>;
  readonly maxWaitMs?: number;
}): Pace {
  const limits = { ...PACE_LIMITS, ...options.limits };
  const lanes = new Map<string, Lane>();
  let sweptAt = clock.now();

  function laneOf(tenant: string, family: PaceFamily): Lane {
    const key = `${family}|${tenant}`;
    let lane = lanes.get(key);
    if (!lane) {
      lane = { slots: [], pausedUntil: 0 };
      lanes.set(key, lane);
    }
    return lane;
  }

  function sweep(now: number): void {
    if (now - sweptAt < SWEEP_EVERY_MS) return;
    sweptAt = now;
    for (const [key, lane] of lanes) {
      const family = key.slice(0, key.indexOf('|')) as PaceFamily;
      forget(lane, limits[family], now);
      if (lane.slots.length === 0 && lane.pausedUntil <= now) lanes.delete(key);
    }
  }

  return {
    async take({ tenant, family, signal, maxWaitMs: callerMax = maxWaitMs }) {
      signal?.throwIfAborted();
      const now = clock.now();
      sweep(now);
      const lane = laneOf(tenant, family);
      forget(lane, limits[family], now);
      const at = nextFree(lane, lane.slots.length, limits[family], now);
      const latest = now + Math.min(maxWaitMs, callerMax);
      // Before it takes a place, so that nobody is queued behind a caller who does not wait.
      if (at > latest) throw exhausted(tenant, family, at - now);
      const slot: Slot = { at, latest };
      lane.slots.push(slot);
      try {
        await untilSlot(slot, clock, signal, () => exhausted(tenant, family, slot.at - clock.now()));
      } catch (error) {
        lane.slots = lane.slots.filter((other) => other !== slot);
        throw error;
      }
    },
    pause(tenant, family, ms) {
      const now = clock.now();
      const lane = laneOf(tenant, family);
      lane.pausedUntil = Math.max(lane.pausedUntil, now + ms);
      lane.slots.forEach((slot, index) => {
        if (slot.at > now) slot.at = nextFree(lane, index, limits[family], now);
      });
    },
    size: () => lanes.size,
  };
}

/** When the slot at `index` may go: after those before it, after a pause, and inside every window. */
function nextFree(lane: Lane, index: number, limits: readonly PaceLimit[], now: number): number {
  const { slots, pausedUntil } = lane;
  let at = Math.max(now, pausedUntil, slots[index - 1]?.at ?? 0);
  for (const { calls, ms } of limits) {
    const first = slots[index - calls];
    if (first) at = Math.max(at, first.at + ms);
  }
  return at;
}

function forget(lane: Lane, limits: readonly PaceLimit[], now: number): void {
  const longest = Math.max(0, ...limits.map((limit) => limit.ms));
  const kept = lane.slots.findIndex((slot) => slot.at + longest > now);
  if (kept !== 0) lane.slots.splice(0, kept === -1 ? lane.slots.length : kept);
}

/** A pause may move the slot while we sleep, so it is looked at again after each sleep. */
async function untilSlot(
  slot: Slot,
  clock: Clock,
  signal: AbortSignal | undefined,
  refusal: () => OutriderError,
): Promise<void> {
  for (let wait = slot.at - clock.now(); wait > 0; wait = slot.at - clock.now()) {
    if (slot.at > slot.latest) throw refusal();
    await clock.sleep(wait, signal);
  }
}

function exhausted(tenant: string, family: PaceFamily, waitMs: number): OutriderError {
  const api = FAMILY_NAMES[family];
  return new OutriderError(
    'pace.exhausted',
    `The ${api} calls for tenant ${tenant} are used up for now: the next one may go in ` +
      `${Math.ceil(waitMs / 1000)} seconds. Outrider stays below the service's quota; try again then.`,
    { tenant, retryAfterMs: waitMs },
  );
}
