import { decodeJwt } from 'jose';
import { OutriderError } from '../errors.ts';

/** What a token says, for people. Read, not verified. Times in milliseconds since 1970. */
export interface TokenClaims {
  readonly kind: 'app' | 'user';
  /** Name and user name of a person; name or id of an app. */
  readonly who: string | undefined;
  readonly objectId: string | undefined;
  readonly tenantId: string | undefined;
  /** Client id of the app that asked for it. */
  readonly appId: string | undefined;
  readonly appName: string | undefined;
  readonly audience: string | undefined;
  readonly issuer: string | undefined;
  readonly version: string | undefined;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** How the person proved who they are (`amr`): `pwd`, `mfa` … */
  readonly signedInBy: readonly string[];
  /** How the app proved itself: `nothing` (a public client), `secret`, `certificate or assertion`. */
  readonly clientProof: string | undefined;
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

const PROOFS: Readonly<Record<string, string>> = {
  '0': 'nothing (a public client)',
  '1': 'secret',
  '2': 'certificate or assertion',
};

/**
 * The claims of an access token of Entra ID, version 1 or 2.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 *
 * @throws OutriderError `request.invalid`
 */
export function inspectClaims(token: string): TokenClaims {
  const claims = decoded(token);
  const text = (name: string): string | undefined =>
    typeof claims[name] === 'string' && claims[name] !== '' ? claims[name] : undefined;
  const texts = (name: string): readonly string[] => {
    const value = claims[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  };
  const time = (name: string): number | undefined =>
    typeof claims[name] === 'number' ? claims[name] * 1000 : undefined;
  const scopes = (text('scp') ?? '').split(' ').filter((scope) => scope !== '');
  // `idtyp` is an optional claim; without it only a token for a person has scopes.
  const type = text('idtyp');
  const kind = type === 'app' || (type !== 'user' && scopes.length === 0) ? 'app' : 'user';
  const appId = text('appid') ?? text('azp');
  const appName = text('app_displayname');
  return {
    kind,
    who:
      kind === 'app'
        ? both(appName, appId)
        : both(text('name'), text('preferred_username') ?? text('upn') ?? text('unique_name')),
    objectId: text('oid') ?? text('sub'),
    tenantId: text('tid'),
    appId,
    appName,
    audience: text('aud') ?? texts('aud')[0],
    issuer: text('iss'),
    version: text('ver'),
    roles: texts('roles'),
    scopes,
    signedInBy: texts('amr'),
    clientProof: PROOFS[text('appidacr') ?? text('azpacr') ?? ''],
    issuedAt: time('iat'),
    expiresAt: time('exp'),
  };
}

function decoded(token: string): Readonly<Record<string, unknown>> {
  try {
    return decodeJwt(token);
  } catch {
    throw new OutriderError('request.invalid', 'This token cannot be read: only whom it is for can.');
  }
}

function both(name: string | undefined, id: string | undefined): string | undefined {
  if (name === undefined || id === undefined) return name ?? id;
  return name === id ? id : `${name} (${id})`;
}
