import { createHash } from 'node:crypto';
import { OutriderError } from '../errors.ts';
import { isGuid } from '../text.ts';

const FORMAT = 1;

/** What a listing may be narrowed by. */
export interface TenantFilter {
  readonly states?: readonly string[] | undefined;
  /** A group, in any letter case. */
  readonly group?: string | undefined;
}

/** What of a tenant a listing goes by. */
export interface Listed {
  readonly id: string;
  readonly state: string;
  readonly groups: readonly string[];
}

/**
 * A page of tenants in the order of their ids.
 *
 * @param all those that the asker may see, in that order
 * @param token `next` of the page before, made with the same filter
 * @throws OutriderError `request.invalid` for a token that is not ours or of another filter
 */
export function pageOfTenants<Each>(
  all: readonly Each[],
  listed: (each: Each) => Listed,
  query: { readonly filter: TenantFilter; readonly top: number; readonly token?: string | undefined },
): { readonly items: readonly Each[]; readonly next: string | undefined } {
  const { filter, top, token } = query;
  const hash = filterHash(filter);
  const after = token === undefined ? '' : idOf(token, hash);
  const found = all.filter((each) => {
    const { id, state, groups } = listed(each);
    return id > after && matches(filter, state, groups);
  });
  const items = found.slice(0, top);
  const last = items.at(-1);
  const next = last && found.length > top ? tokenFor(listed(last).id, hash) : undefined;
  return { items, next };
}

function matches({ states, group }: TenantFilter, state: string, groups: readonly string[]): boolean {
  if (states && !states.includes(state)) return false;
  return group === undefined || groups.some((name) => name.toLowerCase() === group.toLowerCase());
}

function filterHash({ states, group }: TenantFilter): string {
  const canonical = JSON.stringify([[...(states ?? [])].sort(), group?.toLowerCase() ?? null]);
  return createHash('sha256').update(canonical).digest('hex').slice(0, 16);
}

function tokenFor(id: string, hash: string): string {
  return Buffer.from(JSON.stringify({ v: FORMAT, k: id, f: hash })).toString('base64url');
}

function idOf(token: string, hash: string): string {
  let parsed: { v?: unknown; k?: unknown; f?: unknown } = {};
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString()) ?? {};
  } catch {
    // Falls through to the one error for every unusable token.
  }
  const { v, k, f } = parsed;
  if (v !== FORMAT || typeof k !== 'string' || !isGuid(k)) {
    throw new OutriderError(
      'request.invalid',
      'The continuation token is not one that Outrider gave. Start again without it.',
    );
  }
  if (f !== hash) {
    throw new OutriderError(
      'request.invalid',
      'The continuation token belongs to a listing with other filters. Repeat the filters of the first page, or start again without it.',
    );
  }
  return k;
}
