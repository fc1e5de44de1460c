import type { LabClock } from '../service.ts';

/** A quota: so many calls in a sliding window. */
export interface Quota {
  /** Calls that share a quota share its name: app, tenant and kind of call. */
  readonly name: string;
  /** null: no limit. */
  readonly calls: number | null;
  readonly windowMs: number;
}

export interface Throttle {
  /** Counts a call against all quotas; else, with nothing counted, the seconds until it would be let through. */
  take(quotas: readonly Quota[]): { readonly ok: true } | { readonly ok: false; readonly retryAfter: number };
}

export function createThrottle({ clock }: { readonly clock: LabClock }): Throttle {
  const callsOf = new Map<string, number[]>();

  function recent({ name, windowMs }: Quota, now: number): number[] {
    const key = `${name} ${windowMs}`;
    const calls = (callsOf.get(key) ?? []).filter((at) => at > now - windowMs);
    callsOf.set(key, calls);
    return calls;
  }

  return {
    take(quotas) {
      const now = clock.now();
      let waitMs = 0;
      const counted: number[][] = [];
      for (const quota of quotas) {
        if (quota.calls === null) continue;
        const calls = recent(quota, now);
        counted.push(calls);
        if (calls.length < quota.calls) continue;
        const freed = calls[calls.length - quota.calls] ?? now;
        waitMs = Math.max(waitMs, freed + quota.windowMs - now);
      }
      if (waitMs > 0) return { ok: false, retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) };
      for (const calls of counted) calls.push(now);
      return { ok: true };
    },
  };
}
