import { isGuid } from '../../text.ts';

const FORMAT = 1;

/** What the queue of scheduled hunts carries: which query is due, where, and since when. */
export interface ScheduledHunt {
  readonly tenant: string;
  readonly queryId: string;
  /** The latest time that it was due, in milliseconds since 1970 UTC. */
  readonly dueMs: number;
}

export function scheduledHuntMessage({ tenant, queryId, dueMs }: ScheduledHunt): string {
  return JSON.stringify({ v: FORMAT, tenant, queryId, dueMs });
}

/** @returns undefined for a message that is not ours or of a format we do not know */
export function readScheduledHunt(message: unknown): ScheduledHunt | undefined {
  const parsed = typeof message === 'string' ? parse(message) : message;
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { v, tenant, queryId, dueMs } = parsed as Record<string, unknown>;
  if (v !== FORMAT || typeof tenant !== 'string' || !isGuid(tenant)) return undefined;
  if (typeof queryId !== 'string' || queryId === '' || !Number.isSafeInteger(dueMs)) return undefined;
  return { tenant: tenant.toLowerCase(), queryId, dueMs: dueMs as number };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
