import { mapLimit } from '../concurrency.ts';
import type { Log } from '../log.ts';
import type { QueueSender } from '../storage.ts';
import { tenantMessage } from '../tenant-message.ts';
import type { Removal, TenantRecord } from './record.ts';

/** A removal whose message is alive gets on, or begins its second pass, within this. */
const STUCK_MS = 15 * 60_000;
/** A message at work gets on within its budget of two minutes: whoever asks for the removal after this has another sent. */
const ASK_AGAIN_MS = 5 * 60_000;
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

/** Whether whoever asks for a removal that has begun should have another message sent: it waits for nothing, and stands still. */
export function standsStill({ removal }: Pick<TenantRecord, 'removal'>, nowMs: number): boolean {
  return removal !== undefined && removal.doneMs === undefined && nowMs - dueFrom(removal) >= ASK_AGAIN_MS;
}

function isStuck({ removal }: TenantRecord, sinceMs: number, nowMs: number): boolean {
  if (!removal || removal.doneMs !== undefined) return false;
  const from = dueFrom(removal);
  const times = (ms: number): number => Math.max(0, Math.floor((ms - from) / STUCK_MS));
  return times(nowMs) > times(sinceMs);
}

/** From when on it should have got on. */
function dueFrom({ pass, quietUntilMs, progressMs }: Removal): number {
  return pass === 2 ? Math.max(progressMs, quietUntilMs) : progressMs;
}
