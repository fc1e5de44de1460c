import { isGuid } from './text.ts';

/** Format number of the messages. */
const FORMAT = 1;

/** What the queues of syncs, of removals and of preflights carry: the tenant, and nothing that can go stale. */
export function tenantMessage(tenant: string): string {
  return JSON.stringify({ v: FORMAT, tenant });
}

/**
 * The tenant that a message names.
 *
 * @returns undefined for a message that is not ours or of a format we do not know
 */
export function tenantOfMessage(message: unknown): string | undefined {
  const parsed = typeof message === 'string' ? parse(message) : message;
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { v, tenant } = parsed as { v?: unknown; tenant?: unknown };
  return v === FORMAT && typeof tenant === 'string' && isGuid(tenant) ? tenant.toLowerCase() : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
