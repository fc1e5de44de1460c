import type { Clock } from '../clock.ts';
import type { QueueSender } from '../storage.ts';
import { tenantMessage } from '../tenant-message.ts';

/** Messages that people have asked for. */
export interface WakeUp {
  /** Sends a tenant's message now. */
  now(tenant: string): Promise<void>;
  /**
   * Sees to it that a message of the tenant comes at this time (milliseconds since 1970; the past is now). While
   * one is on its way no other is sent, however often this is asked for.
   */
  at(tenant: string, atMs: number): Promise<void>;
}

/** A message that may be taken is surely taken after this: an idle queue is looked at every ten seconds. */
const TAKEN_AFTER_MS = 15_000;

/** What is on its way is kept in memory, so each process knows of its own messages only. */
export function createWakeUp({
  queue,
  clock,
}: {
  readonly queue: QueueSender;
  readonly clock: Clock;
}): WakeUp {
  const onTheWay = new Map<string, number>();

  async function send(tenant: string, at: number, now: number): Promise<void> {
    onTheWay.set(tenant, at);
    try {
      await queue.send(tenantMessage(tenant), { delaySeconds: Math.ceil((at - now) / 1_000) });
    } catch (error) {
      onTheWay.delete(tenant);
      throw error;
    }
  }

  return {
    now: (tenant) => send(tenant, clock.now(), clock.now()),
    async at(tenant, atMs) {
      const now = clock.now();
      const at = Math.max(now, atMs);
      const known = onTheWay.get(tenant) ?? Number.NEGATIVE_INFINITY;
      if (known > now || known + TAKEN_AFTER_MS > at) return;
      await send(tenant, at, now);
    },
  };
}
