import { verify } from 'node:crypto';
import { ACTIONS, type Action, CUSTOMER_ACTIONS } from '../../../shared/http/actions.ts';
import { API, CUSTOMER, HOME, OTHER_CUSTOMER, type SigningKey } from '../directories.ts';
import type { CallersRequest } from './draw-request.ts';
import { GIVEN, GROUPS } from './world.ts';

/** Statuses that are right for a request; more than one only where the same signature is written in another way. */
export type Expected = readonly number[];

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Directories whose callers are let in. */
const CALLING = [HOME, CUSTOMER, OTHER_CUSTOMER];

interface Claims {
  readonly [name: string]: unknown;
}

/** Decides what a request must be answered with, by the documents and the table of actions, with no code of the
 * product. */
export function createOracle(
  keys: ReadonlyMap<string, readonly SigningKey[]>,
): (request: CallersRequest) => Expected {
  return ({ headers, action, tenantId }) => {
    const sent = headers.filter(([name]) => name.toLowerCase() === 'authorization');
    const judged = sent.length === 1 ? judge(sent[0]?.[1] ?? '', keys) : undefined;
    if (judged === undefined) return [401];
    const { claims, sure } = judged;
    const status = statusFor(claims, action, tenantId);
    return sure ? [status] : [status, 401];
  };
}

/** The claims of a token that holds. */
function judge(
  header: string,
  keys: ReadonlyMap<string, readonly SigningKey[]>,
): { readonly claims: Claims; readonly sure: boolean } | undefined {
  const [scheme = '', token = '', ...more] = header.trim().split(/ +/);
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  if (scheme.toLowerCase() !== 'bearer' || more.length > 0 || rest.length > 0 || header.length > 16_384)
    return undefined;
  if (![head, body, signature].every((part) => /^[A-Za-z0-9_-]+$/.test(part))) return undefined;
  const [about, claims] = [jsonOf(head), jsonOf(body)];
  if (about === undefined || claims === undefined) return undefined;
  if (about.alg !== 'RS256' || about.crit !== undefined) return undefined;
  const directory = CALLING.find((id) =>
    [`https://sts.windows.net/${id}/`, `https://login.microsoftonline.com/${id}/v2.0`].some(
      (iss) => iss === claims.iss,
    ),
  );
  const named = (keys.get(directory ?? '') ?? []).filter(
    ({ kid }) => about.kid === undefined || kid === about.kid,
  );
  const [key] = named;
  if (directory === undefined || key === undefined || named.length > 1) return undefined;
  const bytes = Buffer.from(signature, 'base64url');
  if (!verify('sha256', Buffer.from(`${head}.${body}`), key.publicKey, bytes)) return undefined;
  if (claims.tid !== directory || !holds(claims)) return undefined;
  return { claims, sure: bytes.toString('base64url') === signature };
}

function holds({ aud, exp, nbf, iat, oid, azp, appid, idtyp, scp }: Claims): boolean {
  const now = Date.now() / 1000;
  const isOurs = (value: unknown): boolean => value === API || value === `api://${API}`;
  const isWord = (value: unknown): boolean => typeof value === 'string' && value.length > 0;
  const isTime = (value: unknown): boolean => value === undefined || typeof value === 'number';
  return (
    (Array.isArray(aud) ? aud.some(isOurs) : isOurs(aud)) &&
    typeof exp === 'number' &&
    Math.abs(exp) < 2 ** 53 &&
    Number.isInteger(exp) &&
    exp > now - 60 &&
    isTime(nbf) &&
    isTime(iat) &&
    !(Number(nbf ?? 0) > now + 60) &&
    typeof oid === 'string' &&
    GUID.test(oid) &&
    (isWord(azp) || isWord(appid)) &&
    [undefined, 'app', 'user'].some((known) => known === idtyp) &&
    !(idtyp === 'app' && scp !== undefined)
  );
}

function statusFor(claims: Claims, action: Action, tenantId: string): number {
  const roles = Array.isArray(claims.roles) ? claims.roles.filter((role) => typeof role === 'string') : [];
  const isUser = claims.scp !== undefined || claims.idtyp === 'user';
  if (
    isUser &&
    !String(typeof claims.scp === 'string' ? claims.scp : '')
      .split(' ')
      .includes('access_as_user')
  )
    return 403;
  if (claims.tid !== HOME && !CUSTOMER_ACTIONS.has(action)) return 403;
  if (!roles.some((role) => role === ACTIONS[action])) return 403;
  if (!GUID.test(tenantId)) return 400;
  return sees(claims, roles, tenantId.toLowerCase()) ? 200 : 404;
}

function sees({ tid, oid, groups }: Claims, roles: readonly string[], tenantId: string): boolean {
  const of = GROUPS[tenantId];
  if (of === undefined) return false;
  if (tid !== HOME) return tid === tenantId;
  const person = String(oid).toLowerCase();
  const teams = Array.isArray(groups) ? groups.map((id) => String(id).toLowerCase()) : [];
  const named = [person, ...teams, ...roles]
    .flatMap((whom) => GIVEN[whom] ?? [])
    .filter((name) => name !== '*');
  const byRole = roles.filter((role) => role.startsWith('Tenants.Group.')).map((role) => role.slice(14));
  const given = [...named, ...byRole];
  if (given.length === 0) return GIVEN[person]?.includes('*') === true;
  return of.some((name) => given.includes(name));
}

function jsonOf(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims)
      : undefined;
  } catch {
    return undefined;
  }
}
