import { continuationOf } from '../continuation.ts';
import { isGuid } from '../text.ts';

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
  const { states = [], group } = filter;
  const continuation = continuationOf([[...states].sort(), group?.toLowerCase() ?? null], isGuid);
  const after = token === undefined ? '' : continuation.keyOf(token);
  const found = all.filter((each) => {
    const { id, state, groups } = listed(each);
    return id > after && matches(filter, state, groups);
  });
  const items = found.slice(0, top);
  const last = items.at(-1);
  const next = last && found.length > top ? continuation.tokenFor(listed(last).id) : undefined;
  return { items, next };
}

function matches({ states, group }: TenantFilter, state: string, groups: readonly string[]): boolean {
  if (states && !states.includes(state)) return false;
  return group === undefined || groups.some((name) => name.toLowerCase() === group.toLowerCase());
}
