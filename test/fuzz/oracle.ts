import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { authorizationText, type FuzzRequest, type TokenPool } from './request.ts';
import { type FuzzRoute, HEALTH, ONBOARDING, ROUTES } from './routes.ts';

/** What the `Authorization` headers of a request are worth, decided without any code of the product. */
export interface Verdict {
  readonly sort: 'none' | 'bad' | 'good';
  readonly roles: readonly string[];
  /** False where a verifier may also refuse it: the same signature, written in another way. */
  readonly sure: boolean;
}

/** What a sound request must be answered with. */
export interface Expected {
  /** Function that the request reaches; undefined for none. */
  readonly route: string | undefined;
  readonly verdict: Verdict;
  /** The caller's token holds and has the role of the route. */
  readonly allowed: boolean;
  /** Health, asked without a token, or a page for browsers. */
  readonly open: boolean;
  /** The host may refuse it before any function sees it, or drop the connection. */
  readonly hostMayRefuse: boolean;
  readonly statuses: readonly number[];
}

export interface OracleFacts {
  readonly pool: TokenPool;
  /** Keys that the directory publishes. */
  readonly keys: readonly { readonly kid: string; readonly n: string; readonly e: string }[];
  readonly homeId: string;
  readonly apiClientId: string;
  readonly tenantIds: readonly string[];
  readonly bodyLimit: number;
}

const SOUND_METHODS = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE']);
/** Below Node's own limit of 16 KiB for all headers. */
const SURE_HEAD_BYTES = 14_000;
const SKEW_SECONDS = 60;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export type Oracle = (request: FuzzRequest) => Expected;

export function createOracle(facts: OracleFacts): Oracle {
  const keys = new Map<string, KeyObject>(
    facts.keys.map(({ kid, n, e }) => [kid, createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' })]),
  );
  const tenants = new Set(facts.tenantIds);
  return (request) => {
    const texts = request.authorizations.map((each) => authorizationText(each, facts.pool).trim());
    const verdict = judge(texts, { ...facts, keys });
    const found = routeOf(request);
    const route = found?.route.name;
    const common = { route, verdict, hostMayRefuse: hostMayRefuse(request, texts, facts.bodyLimit) };
    const no = { ...common, allowed: false, open: false };
    if (found === undefined) return { ...no, statuses: [400, 404] };
    if (found.route === ONBOARDING) return { ...no, open: true, statuses: ONBOARDING.statuses };
    const isHealth = found.route === HEALTH;
    if (isHealth && verdict.sort === 'none') return { ...no, open: true, statuses: [200] };
    if (verdict.sort !== 'good') return { ...no, statuses: [401] };
    const { role } = found.route;
    const allowed = role === undefined ? verdict.roles.length > 0 : verdict.roles.includes(role);
    const refused = verdict.sure ? [] : [401];
    if (!allowed) return { ...no, statuses: [403, ...refused] };
    const tenantId = found.tenantId.toLowerCase();
    const ofTenant = found.route.template.includes('{tenantId}');
    // Only a query or a body can be wrong at a sound address.
    const sound = [...found.route.statuses, ...(request.target.includes('?') ? [400] : [])];
    const known = !ofTenant || tenants.has(tenantId);
    const statuses = known ? sound : [GUID.test(tenantId) ? 404 : 400];
    return { ...common, allowed, open: false, statuses: [...statuses, ...refused] };
  };
}

function judge(
  texts: readonly string[],
  facts: Omit<OracleFacts, 'keys'> & { readonly keys: ReadonlyMap<string, KeyObject> },
): Verdict {
  const [text = ''] = texts;
  if (texts.length === 0 || (texts.length === 1 && text === ''))
    return { sort: 'none', roles: [], sure: true };
  const bad: Verdict = { sort: 'bad', roles: [], sure: true };
  const token = texts.length === 1 ? /^bearer +(\S+)$/i.exec(text)?.[1] : undefined;
  const [head = '', body = '', signature = '', ...more] = token?.split('.') ?? [];
  if (token === undefined || signature === '' || more.length > 0) return bad;
  const header = jsonOf(head);
  const key = facts.keys.get(String(header?.kid));
  const signed = Buffer.from(signature, 'base64url');
  if (header?.alg !== 'RS256' || key === undefined) return bad;
  if (!verify('sha256', Buffer.from(`${head}.${body}`), key, signed)) return bad;
  // Signed by the directory, so it says what the directory said: whose it is and for whom decides.
  const claims = jsonOf(body) ?? {};
  const now = Date.now() / 1000;
  const ours =
    [facts.apiClientId, `api://${facts.apiClientId}`].includes(String(claims.aud)) &&
    claims.tid === facts.homeId &&
    Number(claims.exp) > now - SKEW_SECONDS &&
    Number(claims.nbf) < now + SKEW_SECONDS;
  if (!ours) return bad;
  return { sort: 'good', roles: rolesOf(claims), sure: signed.toString('base64url') === signature };
}

/** A user's roles count by client apps that may call for users. */
function rolesOf({ roles, scp }: Readonly<Record<string, unknown>>): readonly string[] {
  if (scp !== undefined && !String(scp).split(' ').includes('access_as_user')) return [];
  return Array.isArray(roles) ? roles.map(String) : [];
}

function jsonOf(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** The function that a method and a target lead to. Dot segments are resolved as RFC 3986 has it. */
function routeOf({
  method,
  target,
}: FuzzRequest): { readonly route: FuzzRoute; readonly tenantId: string } | undefined {
  // Hosts may overlook blanks around the target.
  const address = target.trim();
  const url = URL.parse(address.startsWith('/') ? `http://host${address}` : address);
  const segments = url === null ? undefined : decoded(url.pathname.replace(/\/$/, ''));
  if (segments === undefined) return undefined;
  const route = ROUTES.find((each) => each.method === method && fits(each.template.split('/'), segments));
  return route && { route, tenantId: segments[3] ?? '' };
}

function fits(template: readonly string[], segments: readonly string[]): boolean {
  if (template.length !== segments.length) return false;
  return template.every((part, index) => {
    const segment = segments[index] ?? '';
    return part.startsWith('{') ? segment !== '' : segment.toLowerCase() === part;
  });
}

function decoded(path: string): readonly string[] | undefined {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** What is not HTTP, or more of it than a host must take. */
function hostMayRefuse(
  { method, target, version, host, headers, body, framing }: FuzzRequest,
  authorizations: readonly string[],
  bodyLimit: number,
): boolean {
  const all = [...headers.flat(), ...authorizations];
  const size = [target, host, ...all].reduce((sum, text) => sum + text.length + 4, 0);
  if (!SOUND_METHODS.has(method) || !/^\/[!-~]*$/.test(target) || version !== 'HTTP/1.1') return true;
  if (!/^[A-Za-z0-9.-]+(:\d{1,4})?$/.test(host) || size > SURE_HEAD_BYTES) return true;
  if (all.some((text) => /[^\t -~\x80-\xff]/.test(text))) return true;
  if (headers.some(([name, value]) => !/^[\w-]+$/.test(name) || isFraming(name, value))) return true;
  if (body.sort === 'none') return false;
  return framing === 'both' || framing === 'short' || (body.sort === 'filled' && body.size > bodyLimit);
}

function isFraming(name: string, value: string): boolean {
  return (
    /^(host|content-length|transfer-encoding|upgrade|connection)$/i.test(name) ||
    (/^expect$/i.test(name) && value !== '100-continue')
  );
}
