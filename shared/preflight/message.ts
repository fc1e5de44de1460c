import { isGuid } from '../text.ts';

const FORMAT = 1;

/** What the queue of preflights carries: the tenant, and nothing that can go stale. */
export const preflightMessage = (tenant: string): string => JSON.stringify({ v: FORMAT, tenant });

/** @returns undefined for a message that is not ours or of a format we do not know */
export function tenantOfPreflight(message: unknown): string | undefined {
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
