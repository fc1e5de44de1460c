import { isGuid } from '../../text.ts';
import { tenantOfRun } from './names.ts';

const FORMAT = 1;

/** What the hunting queue carries: which run, and which of its turns. */
export interface HuntMessage {
  readonly tenant: string;
  readonly run: string;
  /** A run that does not end in one message goes on in its next turn; a message of an earlier turn is stale. */
  readonly turn: number;
  /** When it was first sent: a message of a run that was never stored is dropped after a while. */
  readonly requestedMs: number;
}

export function huntMessage({ tenant, run, turn, requestedMs }: HuntMessage): string {
  return JSON.stringify({ v: FORMAT, tenant, run, turn, requestedMs });
}

/** @returns undefined for a message that is not ours or of a format we do not know */
export function readHuntMessage(message: unknown): HuntMessage | undefined {
  const parsed = typeof message === 'string' ? parse(message) : message;
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { v, tenant, run, turn, requestedMs } = parsed as Record<string, unknown>;
  if (v !== FORMAT || typeof tenant !== 'string' || !isGuid(tenant)) return undefined;
  if (typeof run !== 'string' || tenantOfRun(run) !== tenant.toLowerCase()) return undefined;
  if (!Number.isSafeInteger(turn) || !Number.isSafeInteger(requestedMs)) return undefined;
  return { tenant: tenant.toLowerCase(), run, turn: turn as number, requestedMs: requestedMs as number };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
