import { z } from 'zod';
import type { LogEntry } from '../runner/log.ts';
import { readAppEvent } from './app-event.ts';

/** Why nothing is asked of a tenant any more; undefined while it is served. */
export type Rest = 'suspended' | 'offboarded' | undefined;

const eventSchema = z.object({ event: z.literal('tenant.audit'), tenant: z.string(), state: z.string() });
const RESTS: readonly string[] = ['suspended', 'offboarded'] satisfies readonly Rest[];

/** Reads from the app's log that a registered tenant was suspended, resumed or removed. */
export function createRestLog(onRest: (tenantId: string, rest: Rest) => void): {
  read(entry: Pick<LogEntry, 'message'>): void;
} {
  return {
    read({ message }) {
      const fields = readAppEvent(eventSchema, message);
      if (fields !== undefined) onRest(fields.tenant, restOf(fields.state));
    },
  };
}

const restOf = (state: string): Rest => (RESTS.includes(state) ? (state as Rest) : undefined);
