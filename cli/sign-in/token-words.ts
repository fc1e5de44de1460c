import { decodeJwt } from 'jose';

/** What a token says, for people. Read, not verified: the token is judged by whom it is sent to. */
export interface TokenWords {
  readonly kind: 'user' | 'app';
  /** Name and user name, or the app's name. */
  readonly who: string | undefined;
  readonly objectId: string | undefined;
  readonly tenantId: string | undefined;
  /** The app that asked for it, by name and id. */
  readonly app: string | undefined;
  readonly audience: string | undefined;
  readonly issuer: string | undefined;
  readonly version: string | undefined;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** How the person proved who they are, as the token's `amr` says: `pwd`, `mfa` … */
  readonly signedInBy: readonly string[];
  /** Milliseconds since 1970. */
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

/** The claims of an access token of Entra ID, version 1 or 2; undefined for what is no readable JWT. */
export function tokenWords(token: string): TokenWords | undefined {
  const claims = claimsOf(token);
  if (claims === undefined) return undefined;
  const text = (name: string): string | undefined =>
    typeof claims[name] === 'string' && claims[name] !== '' ? claims[name] : undefined;
  const names = (name: string): readonly string[] => {
    const value = claims[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  };
  const time = (name: string): number | undefined =>
    typeof claims[name] === 'number' ? claims[name] * 1000 : undefined;
  const scopes = (text('scp') ?? '').split(' ').filter((scope) => scope !== '');
  const app = both(text('app_displayname'), text('appid') ?? text('azp'));
  // `idtyp` is an optional claim; without it only a token for a person has scopes.
  const kind = text('idtyp') === 'app' || (text('idtyp') !== 'user' && scopes.length === 0) ? 'app' : 'user';
  return {
    kind,
    who:
      kind === 'app'
        ? app
        : both(text('name'), text('preferred_username') ?? text('upn') ?? text('unique_name')),
    objectId: text('oid') ?? text('sub'),
    tenantId: text('tid'),
    app,
    audience: text('aud') ?? names('aud')[0],
    issuer: text('iss'),
    version: text('ver'),
    roles: names('roles'),
    scopes,
    signedInBy: names('amr'),
    issuedAt: time('iat'),
    expiresAt: time('exp'),
  };
}

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

function both(name: string | undefined, id: string | undefined): string | undefined {
  if (name === undefined || id === undefined) return name ?? id;
  return name === id ? id : `${name} (${id})`;
}

/** `in 58 min`, `in 2 h 5 min`, `expired 3 min ago`. */
export function expiryWords(expiresAt: number, now: number): string {
  const minutes = Math.floor(Math.abs(expiresAt - now) / 60_000);
  const span =
    minutes < 1
      ? 'less than a minute'
      : minutes < 60
        ? `${minutes} min`
        : `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
  return expiresAt > now ? `in ${span}` : `expired ${span} ago`;
}
