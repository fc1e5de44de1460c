import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A signing key of a directory. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const HOME = '1e1e1e1e-2222-4333-8444-555555555555';
/** A registered, active customer. */
export const CUSTOMER = 'aaaaaaaa-2222-4222-8222-222222222222';
/** Another one. */
export const OTHER_CUSTOMER = 'bbbbbbbb-2222-4222-8222-222222222222';
/** A directory that is no customer's, or not any more. */
export const STRANGER = '99999999-9999-4999-8999-999999999999';
export const API = '22222222-2222-4222-8222-222222222222';
export const CALLER = '33333333-3333-4333-8333-333333333333';
export const CLIENT = '44444444-4444-4444-8444-444444444444';

export function newKey(kid: string): SigningKey {
  return { kid, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

export const base64url = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export const issuerV1 = (directory: string): string => `https://sts.windows.net/${directory}/`;
export const issuerV2 = (directory: string): string => `https://login.microsoftonline.com/${directory}/v2.0`;

/** Claims of an app's token as the directory issues them; `undefined` takes one out. */
export function claimsOf(directory: string, over: Readonly<Record<string, unknown>> = {}): object {
  const now = Math.floor(Date.now() / 1000);
  const sound = {
    iss: issuerV2(directory),
    aud: API,
    tid: directory,
    oid: CALLER,
    azp: CLIENT,
    roles: ['Incidents.Read'],
    iat: now,
    nbf: now,
    exp: now + 3600,
    ...over,
  };
  return Object.fromEntries(Object.entries(sound).filter(([, value]) => value !== undefined));
}

/** A signed token of any header and payload, as objects or as the very text. */
export function signed(key: SigningKey, payload: object | string, header: object | string = {}): string {
  const head = typeof header === 'string' ? header : { typ: 'JWT', alg: 'RS256', kid: key.kid, ...header };
  const input = `${base64url(head)}.${base64url(payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`;
}

/** What the directories publish, and every address that was asked for. */
export interface Directories {
  readonly asked: string[];
  /** Keys by directory; a directory that is not here does not answer. */
  readonly keys: Map<string, readonly SigningKey[]>;
  readonly fetch: typeof fetch;
}

/** Sign-in as far as the API asks it: keys alone. Any other address is noted and fails. */
export function createDirectories(): Directories {
  const asked: string[] = [];
  const keys: Directories['keys'] = new Map();
  return {
    asked,
    keys,
    fetch: async (url) => {
      const address = String(url);
      asked.push(address);
      const form = /^https:\/\/login\.microsoftonline\.com\/([0-9a-f-]{36})\/discovery\/v2\.0\/keys$/;
      const published = keys.get(form.exec(address)?.[1] ?? '');
      if (published === undefined) throw new TypeError('fetch failed');
      return Response.json({ keys: published.map(publishedForm) });
    },
  };
}

export function publishedForm({ kid, publicKey }: SigningKey): object {
  const { n, e } = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({
    format: 'jwk',
  });
  return { kty: 'RSA', use: 'sig', kid, n, e, x5c: ['MIIC'.repeat(300)], issuer: issuerV2('{tenantid}') };
}
