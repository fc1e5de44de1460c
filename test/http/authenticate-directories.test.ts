import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLOUDS } from '../../shared/clouds.ts';
import { type Authenticate, createAuthenticate } from '../../shared/http/authenticate.ts';
import { createKeysOfDirectories } from '../../shared/http/keys-of-directories.ts';
import type { Tenant } from '../../shared/tenant.ts';
import {
  API,
  CALLER,
  CUSTOMER,
  claimsOf,
  createDirectories,
  type Directories,
  HOME,
  issuerV1,
  issuerV2,
  newKey,
  OTHER_CUSTOMER,
  STRANGER,
  signed,
} from '../callers/directories.ts';
import { refusalOf } from './authenticate-rig.ts';

const MINUTE = 60_000;
const [ofHome, ofCustomer, ofOther, ofStranger] = [newKey('h'), newKey('c'), newKey('o'), newKey('s')];

let directories: Directories;
/** Registered tenants, by id. */
let registered: Map<string, Pick<Tenant, 'id' | 'enabled' | 'cloud'>>;
let lookUp: (id: string) => Promise<Tenant | undefined>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  directories = createDirectories();
  for (const [id, key] of [
    [HOME, ofHome],
    [CUSTOMER, ofCustomer],
    [OTHER_CUSTOMER, ofOther],
    [STRANGER, ofStranger],
  ] as const)
    directories.keys.set(id, [key]);
  registered = new Map(
    [CUSTOMER, OTHER_CUSTOMER].map((id) => [id, { id, enabled: true, cloud: 'global' }] as const),
  );
  lookUp = async (id) => registered.get(id) as Tenant | undefined;
  vi.stubGlobal('fetch', directories.fetch);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function authenticator(callers: 'single-tenant' | 'multi-tenant' = 'multi-tenant'): Authenticate {
  return createAuthenticate({
    api: { clientId: API, tenantId: HOME, callers },
    cloud: CLOUDS.global,
    clock: { now: Date.now },
    tenants: { get: (id) => lookUp(id) },
  });
}

const bearer = (token: string): string => `Bearer ${token}`;
const refusedBy = (authenticate: Authenticate, token: string, code?: string): Promise<string> =>
  refusalOf(authenticate, bearer(token), code);

describe('a customer’s directory', () => {
  it('has its callers let in, in both forms, as its own', async () => {
    const authenticate = authenticator();
    for (const form of [{}, { iss: issuerV1(CUSTOMER), aud: `api://${API}`, azp: undefined, appid: API }]) {
      const token = signed(ofCustomer, claimsOf(CUSTOMER, form));
      expect(await authenticate(bearer(token))).toMatchObject({
        kind: 'app',
        tenantId: CUSTOMER,
        objectId: CALLER,
        roles: ['Incidents.Read'],
      });
    }
    expect(directories.asked).toEqual([`https://login.microsoftonline.com/${CUSTOMER}/discovery/v2.0/keys`]);
  });

  it('is none with single-tenant callers, and is not even asked', async () => {
    const token = signed(ofCustomer, claimsOf(CUSTOMER));
    expect(await refusedBy(authenticator('single-tenant'), token)).toMatch(/another directory/);
    expect(directories.asked).toEqual([]);
  });

  it('is one no longer from the moment at which it is suspended, removed or of another cloud', async () => {
    const authenticate = authenticator();
    const token = signed(ofCustomer, claimsOf(CUSTOMER));
    await authenticate(bearer(token));
    for (const change of [{ enabled: false }, { cloud: 'gcchigh' }] as const) {
      registered.set(CUSTOMER, { id: CUSTOMER, enabled: true, cloud: 'global', ...change });
      await refusedBy(authenticate, token);
    }
    registered.delete(CUSTOMER);
    await refusedBy(authenticate, token);
    registered.set(CUSTOMER, { id: CUSTOMER, enabled: true, cloud: 'global' });
    expect(await authenticate(bearer(token))).toBeDefined();
  });

  it('speaks for nobody else: issuer, directory and key must be of one', async () => {
    const authenticate = authenticator();
    for (const [key, iss, tid] of [
      [ofCustomer, CUSTOMER, HOME],
      [ofCustomer, CUSTOMER, OTHER_CUSTOMER],
      [ofCustomer, HOME, CUSTOMER],
      [ofCustomer, HOME, HOME],
      [ofCustomer, OTHER_CUSTOMER, OTHER_CUSTOMER],
      [ofHome, HOME, CUSTOMER],
      [ofHome, CUSTOMER, HOME],
      [ofHome, CUSTOMER, CUSTOMER],
      [ofStranger, CUSTOMER, CUSTOMER],
    ] as const) {
      for (const issuer of [issuerV1(iss), issuerV2(iss)]) {
        await refusedBy(authenticate, signed(key, claimsOf(tid, { iss: issuer })));
      }
    }
  });

  it('cannot be told from one that is unknown by whoever makes up a token', async () => {
    const authenticate = authenticator();
    const texts = new Set<string>();
    registered.set(OTHER_CUSTOMER, { id: OTHER_CUSTOMER, enabled: false, cloud: 'global' });
    for (const directory of [CUSTOMER, OTHER_CUSTOMER, STRANGER]) {
      for (const header of [
        {},
        { kid: 'c' },
        { kid: 'x' },
        { alg: 'none' },
        { alg: 'HS256' },
        { crit: ['x'] },
      ]) {
        for (const claims of [{}, { aud: 'x' }, { exp: 1 }, { tid: HOME }, { oid: undefined }]) {
          const token = signed(ofStranger, claimsOf(directory, claims), header);
          texts.add(await refusedBy(authenticate, token));
        }
      }
    }
    expect([...texts]).toHaveLength(1);
    expect(directories.asked.filter((url) => !url.includes(CUSTOMER))).toEqual([]);
  });
});

describe('a directory that is not registered', () => {
  const cyrillic = CUSTOMER.replaceAll('a', 'а');
  it.each<[string, unknown]>([
    ['a stranger’s', issuerV2(STRANGER)],
    ['a stranger’s, v1 form', issuerV1(STRANGER)],
    ['upper case', issuerV2(CUSTOMER.toUpperCase())],
    ['other letters that look alike', issuerV2(cyrillic)],
    ['full-width digits', issuerV2(CUSTOMER.replace('2', '２'))],
    ['common', issuerV2('common')],
    ['the template', issuerV2('{tenantid}')],
    ['personal accounts', issuerV2('9188040d-6c67-4c5b-b112-36a304b66dad')],
    ['another host', `https://login.evil.example/${CUSTOMER}/v2.0`],
    ['a host that begins alike', `https://login.microsoftonline.com.evil.example/${CUSTOMER}/v2.0`],
    ['a user in the address', `https://login.microsoftonline.com@evil.example/${CUSTOMER}/v2.0`],
    ['plain http', `http://login.microsoftonline.com/${CUSTOMER}/v2.0`],
    ['another port', `https://login.microsoftonline.com:8443/${CUSTOMER}/v2.0`],
    ['dots', `https://login.microsoftonline.com/${STRANGER}/../${CUSTOMER}/v2.0`],
    ['more behind it', `${issuerV2(CUSTOMER)}/`],
    ['less', `https://login.microsoftonline.com/${CUSTOMER}`],
    ['two ids', issuerV2(`${CUSTOMER}/${HOME}`)],
    ['a line break', `${issuerV2(CUSTOMER)}\n`],
    ['a query', `${issuerV2(CUSTOMER)}?${HOME}`],
    ['another cloud', `https://login.microsoftonline.us/${CUSTOMER}/v2.0`],
    ['the older name of the host', `https://login.windows.net/${CUSTOMER}/`],
    ['a list', [issuerV2(CUSTOMER)]],
    ['an object', { toString: issuerV2(CUSTOMER) }],
    ['a number', 7],
    ['nothing', null],
    ['no word', ''],
  ])('has no request sent, whatever the issuer is: %s', async (_what, iss) => {
    const authenticate = authenticator();
    for (const key of [ofCustomer, ofStranger]) {
      await refusedBy(authenticate, signed(key, claimsOf(CUSTOMER, { iss })));
    }
    expect(directories.asked).toEqual([]);
  });

  it('costs no request however many are made up', async () => {
    const authenticate = authenticator();
    for (let n = 0; n < 200; n++) {
      const id = crypto.randomUUID();
      await refusedBy(authenticate, signed(ofStranger, claimsOf(id)));
    }
    expect(directories.asked).toEqual([]);
  });
});

describe('the keys of each directory', () => {
  const unknown = (directory: string, n: number): string =>
    signed({ ...ofStranger, kid: `k${n}` }, claimsOf(directory));

  it('are asked for once in 30 seconds for unknown keys, however many there are, for each by itself', async () => {
    const authenticate = authenticator();
    for (let second = 0; second < 60; second += 5) {
      for (let n = 0; n < 5; n++) {
        await refusedBy(authenticate, unknown(CUSTOMER, n));
        await refusedBy(authenticate, unknown(HOME, n));
      }
      vi.setSystemTime(Date.now() + 5_000);
    }
    const of = (id: string): number => directories.asked.filter((url) => url.includes(id)).length;
    expect(of(CUSTOMER)).toBeLessThanOrEqual(3);
    expect(of(HOME)).toBeLessThanOrEqual(3);
    const renewed = newKey('renewed');
    directories.keys.set(OTHER_CUSTOMER, [ofOther]);
    await authenticate(bearer(signed(ofOther, claimsOf(OTHER_CUSTOMER))));
    directories.keys.set(OTHER_CUSTOMER, [ofOther, renewed]);
    vi.setSystemTime(Date.now() + MINUTE);
    expect(await authenticate(bearer(signed(renewed, claimsOf(OTHER_CUSTOMER))))).toBeDefined();
  });

  it('out of reach shut out that directory’s callers alone, as an outage', async () => {
    const authenticate = authenticator();
    directories.keys.delete(CUSTOMER);
    const token = signed(ofCustomer, claimsOf(CUSTOMER));
    expect(await refusedBy(authenticate, token, 'auth.unavailable')).toMatch(/Try again shortly/);
    expect(await authenticate(bearer(signed(ofOther, claimsOf(OTHER_CUSTOMER))))).toBeDefined();
    expect(await authenticate(bearer(signed(ofHome, claimsOf(HOME))))).toBeDefined();
  });

  it('are good for a day while the directory is silent', async () => {
    const authenticate = authenticator();
    const later = (): string => signed(ofCustomer, claimsOf(CUSTOMER));
    await authenticate(bearer(later()));
    directories.keys.delete(CUSTOMER);
    vi.setSystemTime(Date.now() + 23 * 60 * MINUTE);
    expect(await authenticate(bearer(later()))).toBeDefined();
    vi.setSystemTime(Date.now() + 61 * MINUTE);
    await refusedBy(authenticate, later(), 'auth.unavailable');
  });

  it('are kept for so many directories and no more', async () => {
    const keysOf = createKeysOfDirectories({ cloud: CLOUDS.global, clock: { now: Date.now }, most: 2 });
    const look = (id: string, kid: string) => keysOf(id)({ alg: 'RS256', kid });
    for (const _round of [1, 2, 3]) {
      await look(CUSTOMER, 'c');
      await look(OTHER_CUSTOMER, 'o');
    }
    expect(directories.asked).toHaveLength(2);
    await look(HOME, 'h');
    await look(OTHER_CUSTOMER, 'o');
    expect(directories.asked).toHaveLength(3);
    await look(CUSTOMER, 'c');
    expect(directories.asked).toHaveLength(4);
  });

  it('are not looked at while the tenants are out of reach: an outage, told without details', async () => {
    lookUp = async () => {
      throw new Error('table OutriderTenants of account x: 403');
    };
    const authenticate = authenticator();
    const message = await refusedBy(authenticate, signed(ofCustomer, claimsOf(CUSTOMER)), 'auth.unavailable');
    expect(message).not.toMatch(/table|account/);
    expect(await authenticate(bearer(signed(ofHome, claimsOf(HOME))))).toBeDefined();
  });
});
