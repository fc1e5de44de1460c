import type { Cookie, HttpRequest } from '@azure/functions';
import { COOKIE_SECONDS } from '../tenants/onboarding/browser-state.ts';
import type { ConsentClaim } from '../tenants/onboarding/onboard.ts';

/** The prefix has browsers take it over TLS from this host alone, for this host alone: https://www.rfc-editor.org/rfc/rfc6265#section-4.1 and its successor's section on cookie prefixes. */
const COOKIE = '__Host-outrider-onboarding';
const MOST_CHARS = 2_000;

/** Path of the only address that a browser without a token may ask for, below the app's own. */
export const ONBOARDING_PATH = '/api/onboarding/callback';
const LINK = 'invitation';

/** The link that an invitation is sent as. Its secret is in the query, which the Functions host leaves out of its telemetry. */
export function invitationLink(origin: string, linkText: string): string {
  const link = new URL(ONBOARDING_PATH, origin);
  link.searchParams.set(LINK, linkText);
  return link.href;
}

/** What a link carries; undefined for what comes back from the consent page. */
export function linkTextIn({ query }: HttpRequest): string | undefined {
  return query.has(LINK) ? (one(query, LINK) ?? '') : undefined;
}

/** What came back from the consent page. https://learn.microsoft.com/entra/identity-platform/v2-admin-consent#successful-response */
export function consentClaimOf({ query, headers }: HttpRequest): ConsentClaim {
  return {
    cookie: cookieIn(headers.get('cookie') ?? ''),
    state: one(query, 'state'),
    tenant: one(query, 'tenant'),
    // Any at all is a no, also one that is given twice.
    error: query.has('error') ? (one(query, 'error') ?? '') : undefined,
    errorDescription: one(query, 'error_description'),
  };
}

/** Sent along when Microsoft's page sends the browser back, and not when another site's page asks for something. */
export function browserCookie(value: string): Cookie {
  const rules = { path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const;
  return { name: COOKIE, value, maxAge: COOKIE_SECONDS, ...rules };
}

/** A parameter that is there once. */
function one(query: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = query.getAll(name);
  return others.length === 0 && value !== undefined && value.length <= MOST_CHARS ? value : undefined;
}

function cookieIn(header: string): string | undefined {
  const found = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${COOKIE}=`));
  return found.length === 1 ? found[0]?.slice(COOKIE.length + 1) : undefined;
}
