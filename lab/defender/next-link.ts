import { ApiFault } from './api-fault.ts';
import { QueryError, type ReadTarget } from './query.ts';
import type { DefenderSettings } from './settings.ts';

type LinkSettings = Pick<DefenderSettings, 'links' | 'tokenLifeMs' | 'expiredTokenStatus'>;

/** A link to the page that begins after `skip` items: the request's own options, with a new place. */
export function nextLink(page: {
  readonly url: URL;
  readonly target: ReadTarget;
  readonly skip: number;
  readonly settings: Pick<LinkSettings, 'links'>;
  readonly now: number;
}): string {
  const { url, target, skip, settings, now } = page;
  const kept = target.pairs.filter(({ name }) => name !== '$skip' && name !== '$skiptoken');
  const place = settings.links === 'skip' ? `$skip=${skip}` : `$skiptoken=${writeToken(skip, kept, now)}`;
  return `https://${url.host}${url.pathname}?${[...kept.map((pair) => pair.raw), place].join('&')}`;
}

/**
 * How many items come before the page that a `$skiptoken` names.
 * @throws QueryError when it is not one of ours or belongs to another query; ApiFault when it has expired
 */
export function skipOfToken(token: string, target: ReadTarget, settings: LinkSettings, now: number): number {
  const kept = target.pairs.filter(({ name }) => name !== '$skip' && name !== '$skiptoken');
  const read = readToken(token);
  if (!read || read.query !== queryOf(kept)) throw new QueryError("Invalid value for '$skiptoken'.");
  if (settings.tokenLifeMs !== null && now - read.at > settings.tokenLifeMs) {
    throw new ApiFault(
      settings.expiredTokenStatus,
      settings.expiredTokenStatus === 410 ? 'Gone' : 'BadRequest',
      "The '$skiptoken' has expired. Start again from the first page.",
    );
  }
  return read.skip;
}

interface Token {
  readonly skip: number;
  readonly at: number;
  readonly query: string;
}

function writeToken(skip: number, kept: ReadTarget['pairs'], now: number): string {
  const token: Token = { skip, at: now, query: queryOf(kept) };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string): Token | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return isToken(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isToken = (value: unknown): value is Token =>
  typeof value === 'object' && value !== null && 'skip' in value && 'at' in value && 'query' in value;

const queryOf = (kept: ReadTarget['pairs']): string =>
  kept
    .map(({ name, value }) => `${name}=${value}`)
    .sort()
    .join('&');
