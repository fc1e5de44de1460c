import type { Clock } from '../../clock.ts';
import { isOutriderError } from '../../errors.ts';
import type { RunSession } from './run-session.ts';

/** A run whose holder has not written for so long counts as dead. */
export const LEASE_MS = 90_000;
const RENEW_MS = 30_000;
const DONE = new Error('the turn is over');

/**
 * Does the work while the lease is kept: a query alone may take three minutes. When the row turns out to be somebody
 * else's, or the run was cancelled, the work's signal aborts with `hunt.fenced`.
 */
export async function keepLease<T>(
  {
    session,
    clock,
    holder,
    signal,
  }: {
    readonly session: RunSession;
    readonly clock: Clock;
    readonly holder: string;
    readonly signal: AbortSignal | undefined;
  },
  work: (stopped: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const fenced = new AbortController();

  async function renew(): Promise<void> {
    for (;;) {
      await clock.sleep(RENEW_MS, over.signal);
      // Ended or handed on by the work's own last write.
      if (session.record.lease?.holder !== holder) return;
      try {
        await session.renewLease(clock.now() + LEASE_MS);
      } catch (error) {
        // A storage that is away for a moment is met again by the next renewal, or by the work itself.
        if (isOutriderError(error, 'hunt.fenced')) return fenced.abort(error);
      }
    }
  }

  renew().catch(() => {});
  try {
    return await work(signal ? AbortSignal.any([signal, fenced.signal]) : fenced.signal);
  } finally {
    over.abort(DONE);
  }
}
