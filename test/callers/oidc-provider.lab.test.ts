import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Authenticate, createAuthenticate } from '../../shared/http/authenticate.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { API, CALLER, CUSTOMER, HOME, newKey, OTHER_CUSTOMER, STRANGER } from './directories.ts';
import { type OidcDirectories, startOidcDirectories, type TokenOrder } from './oidc-directories.ts';

const MINUTE = 60_000;
const [first, second, third, foreign] = [newKey('one'), newKey('two'), newKey('three'), newKey('foreign')];

let directories: OidcDirectories;
let authenticate: Authenticate;
/** Of the function; the provider goes by the machine's. */
let nowMs: number;

beforeAll(async () => {
  directories = await startOidcDirectories();
});
afterAll(() => directories?.stop());

beforeEach(() => {
  nowMs = Date.now();
  directories.open(HOME, [first]);
  for (const directory of [CUSTOMER, OTHER_CUSTOMER, STRANGER]) directories.open(directory, [foreign]);
  authenticate = createAuthenticate({
    api: { clientId: API, tenantId: HOME, callers: 'multi-tenant' },
    cloud: { name: 'global', signIn: directories.signIn },
    clock: { now: () => nowMs },
    tenants: {
      get: async (id) =>
        id === CUSTOMER || id === OTHER_CUSTOMER
          ? ({ id, enabled: id === CUSTOMER, cloud: 'global' } as unknown as Tenant)
          : undefined,
    },
  });
});

const call = async (directory: string, order?: TokenOrder) =>
  authenticate(`Bearer ${await directories.token(directory, order)}`);
const refused = { code: 'request.unauthenticated' };

describe('tokens of a provider that is not ours', () => {
  it('are accepted when all of it is right: of the own directory and of a customer’s', async () => {
    const app = { kind: 'app', objectId: CALLER, roles: ['Incidents.Read'] };
    expect(await call(HOME)).toMatchObject({ ...app, tenantId: HOME });
    expect(await call(CUSTOMER)).toMatchObject({ ...app, tenantId: CUSTOMER });
    const scp = 'access_as_user';
    expect(await call(HOME, { claims: { scp } })).toMatchObject({ kind: 'user', scopes: [scp] });
  });

  it.each<[string, string, TokenOrder]>([
    ['another resource', HOME, { resource: 'https://graph.microsoft.com' }],
    ['another API', HOME, { resource: `api://${STRANGER}` }],
    ['another algorithm', HOME, { algorithm: 'PS256' }],
    ['another directory’s id', HOME, { claims: { tid: CUSTOMER } }],
    ['the own directory’s id, from a customer’s', CUSTOMER, { claims: { tid: HOME } }],
    ['no object id', HOME, { claims: { oid: undefined } }],
    ['no client app', HOME, { claims: { azp: undefined } }],
  ])('are refused with %s', async (_what, directory, order) => {
    await expect(call(directory, order)).rejects.toMatchObject(refused);
  });

  it('are refused of directories that may not call, which are not asked for keys', async () => {
    for (const directory of [STRANGER, OTHER_CUSTOMER]) {
      await expect(call(directory)).rejects.toMatchObject(refused);
      expect(directories.keysAsked(directory)).toBe(0);
    }
  });

  it('end with their time, a minute of skew aside', async () => {
    const token = await directories.token(HOME, { lifetimeSeconds: 600 });
    nowMs += 10.8 * MINUTE;
    expect(await authenticate(`Bearer ${token}`)).toBeDefined();
    nowMs += 0.5 * MINUTE;
    await expect(authenticate(`Bearer ${token}`)).rejects.toThrow(/has expired/);
  });
});

describe('when that provider changes its keys', () => {
  it('new ones are found, and old ones are good as long as they are published', async () => {
    const old = await directories.token(HOME);
    expect(await authenticate(`Bearer ${old}`)).toBeDefined();
    directories.open(HOME, [second, first]);
    nowMs += MINUTE;
    expect(await call(HOME)).toBeDefined();
    expect(await authenticate(`Bearer ${old}`)).toBeDefined();
    directories.open(HOME, [third, second]);
    nowMs += 11 * MINUTE;
    expect(await call(HOME)).toBeDefined();
    await expect(authenticate(`Bearer ${old}`)).rejects.toThrow(/not by a key of the directory/);
  });

  it('the same name for another key is a stranger’s', async () => {
    expect(await call(HOME)).toBeDefined();
    directories.open(HOME, [{ ...third, kid: first.kid }]);
    await expect(call(HOME)).rejects.toThrow(/not by a key of the directory/);
    nowMs += 11 * MINUTE;
    expect(await call(HOME)).toBeDefined();
  });
});
