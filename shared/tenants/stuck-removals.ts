import { mapLimit } from '../concurrency.ts';
import type { Log } from '../log.ts';
import type { QueueSender } from '../storage.ts';
import { tenantMessage } from '../tenant-message.ts';
import type { TenantRecord } from './record.ts';

/** A removal whose message is alive gets on, or begins its second pass, within this. */
const STUCK_MS = 15 * 60_000;
const MINUTE_MS = 60_000;
const SENDS_AT_ONCE = 16;

/**
 * Sends another message for each removal that has not got on for a while: its message was lost, never sent, or given
 * up. One more for each quarter of an hour that it stands still.
 *
 * @param tick the last tick of the timer and this one, in milliseconds since 1970 UTC
 */
export async function resumeRemovals(
  {
    records,
    queue,
    log,
  }: {
    readonly records: () => Promise<readonly TenantRecord[]>;
    readonly queue: () => QueueSender;
    readonly log: Log;
  },
  { lastMs, nowMs }: { readonly lastMs: number | undefined; readonly nowMs: number },
): Promise<void> {
  const sinceMs = lastMs ?? nowMs - MINUTE_MS;
  const stuck = (await records()).filter((record) => isStuck(record, sinceMs, nowMs));
  if (stuck.length === 0) return;
  await mapLimit(stuck, SENDS_AT_ONCE, ({ id }) => queue().send(tenantMessage(id)));
  log.warn('tenant.removals_resumed', { tenants: stuck.length });
}

function isStuck({ removal }: TenantRecord, sinceMs: number, nowMs: number): boolean {
  if (!removal || removal.doneMs !== undefined) return false;
  const { pass, quietUntilMs, progressMs } = removal;
  const from = pass === 2 ? Math.max(progressMs, quietUntilMs) : progressMs;
  const times = (ms: number): number => Math.max(0, Math.floor((ms - from) / STUCK_MS));
  return times(nowMs) > times(sinceMs);
}
