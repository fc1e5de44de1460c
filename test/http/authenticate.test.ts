import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLOUDS } from '../../shared/clouds.ts';
import { type Authenticate, createAuthenticate } from '../../shared/http/authenticate.ts';
import {
  API,
  CALLER,
  claimsOf,
  HOME,
  newKey,
  publishedForm,
  type SigningKey,
  STRANGER,
  signed,
} from '../callers/directories.ts';
import { type Claims, refusalOf } from './authenticate-rig.ts';

const MINUTE = 60_000;
const [first, second, stranger] = [newKey('one'), newKey('two'), newKey('three')];

const headerFor = (over: Claims = {}, key = first): string => `Bearer ${signed(key, claimsOf(HOME, over))}`;

/** What the directory publishes or answers instead, and how often it was asked; `undefined`: it does not answer. */
let published: readonly SigningKey[] | Response | undefined;
let asked: string[];
let authenticate: Authenticate;

beforeEach(() => {
  published = [first];
  asked = [];
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.stubGlobal('fetch', async (url: string | URL) => {
    asked.push(String(url));
    if (published === undefined) throw new TypeError('fetch failed');
    if (published instanceof Response) return published.clone();
    return Response.json({ keys: published.map(publishedForm) });
  });
  authenticate = createAuthenticate({
    api: { clientId: API, tenantId: HOME, callers: 'single-tenant' },
    cloud: CLOUDS.global,
    clock: { now: Date.now },
    tenants: { get: async () => undefined },
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a caller’s token', () => {
  it('is accepted in both forms that Entra ID issues', async () => {
    const caller = {
      kind: 'app',
      tenantId: HOME,
      objectId: CALLER,
      roles: ['Incidents.Read'],
      scopes: [],
    };
    expect(await authenticate(headerFor())).toEqual(caller);
    const v1 = { iss: `https://sts.windows.net/${HOME}/`, aud: `api://${API}` };
    expect(await authenticate(headerFor(v1))).toEqual(caller);
  });

  it('gives the roles that it has, and none that are not a list of words', async () => {
    for (const [roles, expected] of [
      [undefined, []],
      ['Incidents.Read', []],
      [['Incidents.Sync', 7, null], ['Incidents.Sync']],
    ] as const) {
      expect((await authenticate(headerFor({ roles }))).roles).toEqual(expected);
    }
  });

  it.each<[string, Claims, RegExp]>([
    ['another issuer', { iss: `https://login.microsoftonline.com/${STRANGER}/v2.0` }, /another directory/],
    ['an issuer like ours', { iss: `https://login.microsoftonline.com/${HOME}/v2.0/` }, /another directory/],
    ['another directory under our issuer', { tid: STRANGER }, /another directory/],
    ['another audience', { aud: STRANGER }, /another audience/],
    ['another audience that is ours in part', { aud: `${API}x` }, /another audience/],
    ['no issuer', { iss: undefined }, /another directory/],
    ['no audience', { aud: undefined }, /another audience/],
    ['no directory', { tid: undefined }, /names no directory/],
    ['no caller', { oid: undefined }, /names no caller/],
    ['no end', { exp: undefined }, /claim exp/],
    ['an end in the past', { exp: Math.floor(Date.now() / 1000) - 61 }, /has expired/],
    ['a start in the future', { nbf: Math.floor(Date.now() / 1000) + 90 }, /not valid yet/],
  ])('with %s is refused', async (_what, claims, why) => {
    expect(await refusalOf(authenticate, headerFor(claims))).toMatch(why);
  });

  it('may be a minute off, because clocks are', async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await authenticate(headerFor({ exp: now - 50, nbf: now + 50 }))).toBeDefined();
  });

  it('ends while it is in use', async () => {
    const authorization = headerFor();
    await authenticate(authorization);
    vi.setSystemTime(Date.now() + 62 * MINUTE);
    expect(await refusalOf(authenticate, authorization)).toMatch(/has expired/);
  });

  it('by a stranger is refused, under the key id of the directory as under its own', async () => {
    for (const kid of [first.kid, stranger.kid]) {
      expect(await refusalOf(authenticate, headerFor({}, { ...stranger, kid }))).toMatch(/signature/);
    }
  });

  it('that is endless is not even looked at', async () => {
    expect(await refusalOf(authenticate, `Bearer ${'a'.repeat(20_000)}.b.c`)).toMatch(/not a signed/);
    expect(asked).toEqual([]);
  });
});

describe('the keys of the directory', () => {
  it('are those of our directory, fetched once for all', async () => {
    const authorization = headerFor();
    await Promise.all(Array.from({ length: 50 }, () => authenticate(authorization)));
    expect(asked).toEqual([`https://login.microsoftonline.com/${HOME}/discovery/v2.0/keys`]);
  });

  it('are fetched again for a new key, but not for every stranger', async () => {
    await authenticate(headerFor());
    published = [first, second];
    vi.setSystemTime(Date.now() + MINUTE);
    expect(await authenticate(headerFor({}, second))).toBeDefined();
    expect(asked).toHaveLength(2);
    for (let n = 0; n < 20; n++) await refusalOf(authenticate, headerFor({}, { ...stranger, kid: `k${n}` }));
    expect(asked).toHaveLength(2);
  });

  it('that were taken back are good no longer than ten minutes', async () => {
    await authenticate(headerFor());
    published = [second];
    vi.setSystemTime(Date.now() + 11 * MINUTE);
    expect(await refusalOf(authenticate, headerFor())).toMatch(/signature/);
  });

  it('out of reach are an outage of ours, not a fault of the token', async () => {
    published = undefined;
    await expect(authenticate(headerFor())).rejects.toMatchObject({
      code: 'auth.unavailable',
      message: expect.stringMatching(/Try again shortly/),
    });
    published = [first];
    expect(await authenticate(headerFor())).toBeDefined();
  });
});

describe('the last good keys, while sign-in is down', () => {
  const HOUR = 60 * MINUTE;
  const pass = (ms: number): unknown => vi.setSystemTime(Date.now() + ms);
  const isOutage = { code: 'auth.unavailable', message: expect.stringMatching(/Try again shortly/) };

  beforeEach(async () => {
    await authenticate(headerFor());
    published = undefined;
  });

  it('open the API for a day, and no longer', async () => {
    for (const ms of [11 * MINUTE, HOUR, 22 * HOUR]) {
      pass(ms);
      expect(await authenticate(headerFor())).toMatchObject({ objectId: CALLER });
      expect(await refusalOf(authenticate, headerFor({}, { ...stranger, kid: first.kid }))).toMatch(
        /signature/,
      );
    }
    pass(HOUR);
    await expect(authenticate(headerFor())).rejects.toMatchObject(isOutage);
    published = [first];
    pass(MINUTE);
    expect(await authenticate(headerFor())).toBeDefined();
  });

  it('are not renewed by every caller: sign-in is asked once in 30 seconds', async () => {
    pass(11 * MINUTE);
    const authorization = headerFor();
    for (let second = 0; second < 60; second++) {
      await Promise.all([authenticate(authorization), authenticate(authorization)]);
      pass(1_000);
    }
    expect(asked).toHaveLength(1 + 2);
  });

  it('do not tell whether an unknown key is a new one: an outage, asked for once in 30 seconds', async () => {
    pass(MINUTE);
    for (let n = 0; n < 20; n++) {
      const authorization = headerFor({}, { ...second, kid: `new${n}` });
      await expect(authenticate(authorization)).rejects.toMatchObject(isOutage);
    }
    expect(asked).toHaveLength(1 + 1);
    expect(await authenticate(headerFor())).toBeDefined();
    published = [second];
    pass(MINUTE);
    expect(await authenticate(headerFor({}, second))).toBeDefined();
    expect(await refusalOf(authenticate, headerFor())).toMatch(/signature/);
  });

  it.each([
    ['an error', () => new Response('down', { status: 503 })],
    [
      'an error that looks like keys',
      () => Response.json({ keys: [{ kty: 'RSA', kid: 'x' }] }, { status: 500 }),
    ],
    ['a page for people', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['no keys', () => Response.json({ keys: [] })],
    ['something else', () => Response.json(null)],
    ['keys of no form', () => Response.json({ keys: 'none' })],
  ])('are kept when it answers %s', async (_what, answer) => {
    published = answer();
    pass(11 * MINUTE);
    expect(await authenticate(headerFor())).toBeDefined();
    expect(asked).toHaveLength(2);
    published = [second];
    pass(MINUTE);
    expect(await refusalOf(authenticate, headerFor())).toMatch(/signature/);
  });
});
