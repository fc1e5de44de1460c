import { z } from 'zod';
import type { LogEntry } from '../runner/log.ts';
import { readAppEvent } from './app-event.ts';
import type { OnEvent } from './events.ts';
import type { Roster } from './roster.ts';

const eventSchema = z
  .object({ event: z.literal('preflight.done'), tenant: z.string(), ok: z.boolean() })
  .catchall(z.unknown());
/** Fields of every event of the app, which are no capability. */
const COMMON = new Set(['event', 'tenant', 'ok', 'correlationId']);

/** Reads from the app's log how a tenant stood when the app looked it over. */
export function createPreflightLog({
  tenants,
  onEvent,
  now,
}: {
  readonly tenants: Pick<Roster, 'find'>;
  readonly onEvent: OnEvent;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}): { read(entry: LogEntry): void } {
  return {
    read({ message }) {
      const fields = readAppEvent(eventSchema, message);
      const tenant = tenants.find(fields?.tenant ?? '');
      if (fields === undefined || tenant === undefined) return;
      const states = Object.entries(fields).flatMap(([name, value]) =>
        COMMON.has(name) || typeof value !== 'string' ? [] : [[name, value] as const],
      );
      onEvent({ kind: 'lookedOver', at: now(), tenant, states });
    },
  };
}
