import { expect, test } from 'vitest';
import { directoryOfWorld } from '../../../lab/directory-of-world.ts';
import { appEnvironment, processEnvironment } from '../../../lab/environment.ts';
import { createWorld } from '../../../lab/world.ts';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('a seed decides every id, and no two are the same', () => {
  const world = createWorld({ tenants: 12, seed: 7 });
  expect(createWorld({ tenants: 12, seed: 7 })).toEqual(world);
  const ids = [
    world.home.id,
    world.api.clientId,
    world.caller.clientId,
    ...Object.values(world.identities).flatMap(({ clientId, objectId }) => [clientId, objectId]),
    world.reader.clientId,
    ...world.tenants.flatMap(({ id, credential }) =>
      credential.kind === 'secret' ? [id, credential.clientId] : [id],
    ),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(GUID);
  expect(createWorld({ seed: 8 }).home.id).not.toBe(world.home.id);
  expect(new Set(world.tenants.map(({ name }) => name)).size).toBe(12);
});

test('a tenant is the same however many others there are', () => {
  expect(createWorld({ tenants: 9 }).tenants.slice(0, 2)).toEqual(createWorld().tenants);
});

test('customers take turns: federated over Graph, secret over the XDR API', () => {
  const kinds = createWorld({ tenants: 4 }).tenants.map(({ api, credential }) => [api, credential.kind]);
  expect(kinds).toEqual([
    ['graph', 'federated'],
    ['xdr', 'secret'],
    ['graph', 'federated'],
    ['xdr', 'secret'],
  ]);
});

test('there is a directory that is no customer yet: others are as without it, and it has consented to nothing', () => {
  const world = createWorld();
  const { prospect, tenants, people, reader } = world;
  expect(prospect).toEqual({ id: expect.stringMatching(GUID), name: 'Adventure Works' });
  const many = createWorld({ tenants: 500 });
  expect(many.prospect.id).toBe(prospect.id);
  expect(many.tenants.map(({ id }) => id)).not.toContain(prospect.id);
  expect(many.tenants.map(({ name }) => name)).not.toContain(many.prospect.name);
  const known = (person: { readonly tenantId: string }): boolean => person.tenantId !== prospect.id;
  expect(people.findIndex((person) => !known(person))).toBe(people.filter(known).length);
  expect(people.filter((person) => !known(person)).map(({ part }) => part)).toEqual([
    'admin',
    'operator',
    'reader',
    'outsider',
  ]);

  const secrets = new Map(
    tenants.flatMap(({ credential }) => (credential.kind === 'secret' ? [[credential.secretName, 's']] : [])),
  );
  const directory = directoryOfWorld(world, secrets);
  expect(directory.tenants.at(-1)).toEqual(prospect);
  for (const app of directory.apps) {
    expect(Object.keys(app.grants)).not.toContain(prospect.id);
    expect(app.consents?.map(({ tenantId }) => tenantId) ?? []).not.toContain(prospect.id);
  }
  // At home the app that reads calls the API of the deployment; nowhere else does it hold a role there.
  const grants = directory.apps.find(({ appId }) => appId === reader.clientId)?.grants ?? {};
  const calls = Object.entries(grants).filter(([, resources]) => world.api.clientId in resources);
  expect(calls.map(([id]) => id)).toEqual([world.home.id]);
});

test.each([0, -1, 1.5, Number.NaN])('%d tenants are refused', (tenants) => {
  expect(() => createWorld({ tenants })).toThrow(RangeError);
});

test('the app gets production settings and no secret but the identity header', () => {
  const world = createWorld();
  const env = appEnvironment({
    world,
    proxyUrl: 'http://127.0.0.1:1',
    authorityFile: '/ca.pem',
    identity: { endpoint: 'http://127.0.0.1:2/msi/token', header: 'h' },
    backfillDays: 90,
  });
  expect(env).toMatchObject({
    HTTPS_PROXY: 'http://127.0.0.1:1',
    NODE_USE_ENV_PROXY: '1',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    SSL_CERT_FILE: '/ca.pem',
    AzureWebJobsStorage__accountName: world.storageAccount,
    AzureWebJobsStorage__clientId: world.identities.storage.clientId,
    OUTRIDER_BACKFILL_DAYS: '90',
    // Else no person could have a hunt done in their own name: `lab token --as operator --tenant <id>` would be refused.
    OUTRIDER_API_CALLERS: 'multi-tenant',
  });
  expect(JSON.parse(env.OUTRIDER_TENANTS ?? '')).toEqual(
    world.tenants.map(({ id, name, api, credential }) => ({ id, name, api, credential })),
  );
  expect(env).not.toHaveProperty('OUTRIDER_HISTORY_DAYS');
});

test('a process in the lab inherits nothing that leads out of it or comes from a real deployment', () => {
  const astray = {
    https_proxy: 'http://corporate:8080',
    ALL_PROXY: 'x',
    no_proxy: '*',
    AZURE_CLIENT_SECRET: 'x',
    IDENTITY_ENDPOINT: 'x',
    MSI_ENDPOINT: 'x',
    AzureWebJobsStorage: 'x',
    OUTRIDER_CLOUD: 'dod',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_EXTRA_CA_CERTS: 'x',
    SSL_CERT_DIR: 'x',
  };
  const kept = { PATH: '/bin', HOME: '/home/me', LANG: 'C', NODE_OPTIONS: '--inspect' };
  const env = processEnvironment({ HTTPS_PROXY: 'lab' }, { ...astray, ...kept, EMPTY: undefined });
  expect(env).toEqual({ ...kept, HTTPS_PROXY: 'lab' });
});
