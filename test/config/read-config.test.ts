import { describe, expect, it } from 'vitest';
import { type Environment, readConfig, requirePart } from '../../shared/config.ts';
import { HOST_SETTINGS, SETTINGS } from '../../shared/settings.ts';
import { federated, guid, list, read, SOUND } from './settings.ts';

describe('sound settings', () => {
  it('of one tenant take three of its own, and every default that is documented', () => {
    expect(read()).toMatchObject({
      faults: [],
      cloud: { name: 'global' },
      storage: {
        blobUri: 'https://outriderstate.blob.core.windows.net',
        queueUri: 'https://outriderstate.queue.core.windows.net',
        tableUri: 'https://outriderstate.table.core.windows.net',
        identityClientId: undefined,
      },
      api: {
        clientId: guid(4),
        tenantId: guid(1),
        callers: 'single-tenant',
        tenantGroups: undefined,
      },
      vaultUrl: undefined,
      tenants: [
        {
          id: guid(1),
          name: guid(1),
          enabled: true,
          cloud: 'global',
          api: 'graph',
          huntingApi: 'graph',
          credential: federated,
          sync: {
            intervalMinutes: 5,
            backfillDays: 30,
            overlapMinutes: 10,
            historyDays: 90,
            resolvedDays: 365,
            legalHold: false,
          },
        },
      ],
    });
  });

  it('may have blanks around them, and an empty one is none', () => {
    const padded = Object.fromEntries(Object.entries(SOUND).map(([name, value]) => [name, ` ${value}\n`]));
    expect(readConfig({ ...padded, OUTRIDER_VAULT_URL: '  ', OUTRIDER_CREDENTIAL: '' })).toEqual(read());
  });

  it('have GUIDs in lower case, however they were written', () => {
    const letters = 'ABCDEFAB-ABCD-4ABC-8ABC-ABCDEFABCDEF';
    const config = read({ OUTRIDER_TENANT_ID: letters, OUTRIDER_API_CLIENT_ID: letters });
    expect(config.tenants[0]?.id).toBe(letters.toLowerCase());
    expect(config.api).toMatchObject({ clientId: letters.toLowerCase(), tenantId: letters.toLowerCase() });
  });

  it.each([
    [{ OUTRIDER_CREDENTIAL: 'managedIdentity' }, { kind: 'managedIdentity', clientId: guid(2) }],
    [
      { OUTRIDER_CREDENTIAL: 'secret', OUTRIDER_CREDENTIAL_NAME: 'app-secret' },
      { kind: 'secret', clientId: guid(2), secretName: 'app-secret' },
    ],
    [
      { OUTRIDER_CREDENTIAL: 'certificate', OUTRIDER_CREDENTIAL_NAME: 'app-cert' },
      { kind: 'certificate', clientId: guid(2), certificateName: 'app-cert' },
    ],
  ])('have every kind of credential: %j', (settings, credential) => {
    const config = read({ ...settings, OUTRIDER_VAULT_URL: 'https://kv.vault.azure.net/' });
    expect(config).toMatchObject({
      faults: [],
      vaultUrl: 'https://kv.vault.azure.net',
      tenants: [{ credential }],
    });
  });

  it('of several tenants overlay the defaults with each one’s own', () => {
    const config = read({
      ...list(
        {
          id: guid(5),
          name: 'Fabrikam',
          credential: federated,
          sync: { intervalMinutes: 1, legalHold: true },
        },
        {
          id: guid(6),
          api: 'xdr',
          huntingApi: 'xdr',
          enabled: false,
          cloud: 'global',
          credential: { kind: 'managedIdentity' },
        },
      ),
      OUTRIDER_INTERVAL_MINUTES: '15',
      OUTRIDER_BACKFILL_DAYS: '7',
    });
    expect(config).toMatchObject({
      faults: [],
      tenants: [
        {
          name: 'Fabrikam',
          api: 'graph',
          huntingApi: 'graph',
          enabled: true,
          sync: { intervalMinutes: 1, backfillDays: 7, legalHold: true },
        },
        {
          name: guid(6),
          api: 'xdr',
          huntingApi: 'xdr',
          enabled: false,
          sync: { intervalMinutes: 15, legalHold: false },
        },
      ],
    });
  });

  it('of the host give the storage when Outrider has none of its own, and the queues always', () => {
    const host = { AzureWebJobsStorage__accountName: 'hostaccount', AzureWebJobsStorage__clientId: guid(7) };
    expect(read(host)).toMatchObject({
      faults: [],
      storage: { tableUri: 'https://hostaccount.table.core.windows.net', identityClientId: guid(7) },
    });
    expect(
      read({ ...host, OUTRIDER_STORAGE_ACCOUNT: 'own', OUTRIDER_STORAGE_IDENTITY_CLIENT_ID: guid(8) }),
    ).toMatchObject({
      faults: [],
      storage: {
        tableUri: 'https://own.table.core.windows.net',
        identityClientId: guid(8),
        queueUri: 'https://hostaccount.queue.core.windows.net',
        queueIdentityClientId: guid(7),
      },
    });
    const uris = Object.fromEntries(
      ['blob', 'queue', 'table'].map((service) => [
        `AzureWebJobsStorage__${service}ServiceUri`,
        `https://x.${service}.core.windows.net/`,
      ]),
    );
    expect(read({ ...uris, AzureWebJobsStorage__accountName: undefined })).toMatchObject({
      faults: [],
      storage: { blobUri: 'https://x.blob.core.windows.net', tableUri: 'https://x.table.core.windows.net' },
    });
  });

  it('of storage need the host’s account even when Outrider has its own', () => {
    const config = read({ AzureWebJobsStorage__accountName: undefined, OUTRIDER_STORAGE_ACCOUNT: 'own' });
    expect(config.storage).toBeUndefined();
    expect(config.faults).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/of the Functions host, where the queues are/) }),
    ]);
  });

  it('of another cloud lead there', () => {
    expect(
      read({ OUTRIDER_CLOUD: 'GCC High', OUTRIDER_VAULT_URL: 'https://kv.vault.usgovcloudapi.net' }),
    ).toMatchObject({
      faults: [],
      cloud: { name: 'gcchigh' },
      storage: { tableUri: 'https://outriderstate.table.core.usgovcloudapi.net' },
      tenants: [{ cloud: 'gcchigh' }],
    });
  });
});

describe('the part that is needed', () => {
  it('is given when it is whole, whatever is wrong elsewhere', () => {
    const config = read({ OUTRIDER_API_CLIENT_ID: 'x', OUTRIDER_CLIENT_ID: 'x' });
    expect(requirePart(config, 'storage')).toBe(config.storage);
    expect(() => requirePart(config, 'api')).toThrow(
      expect.objectContaining({
        code: 'config.invalid',
        message: expect.stringMatching(/OUTRIDER_API_CLIENT_ID must be a GUID/),
        facts: { details: [expect.stringMatching(/OUTRIDER_API_CLIENT_ID/)] },
      }),
    );
  });

  it('is nothing in a cloud that is not known: the hosts would be another cloud’s', () => {
    const config = read({ OUTRIDER_CLOUD: 'china' });
    for (const part of ['storage', 'api'] as const) {
      expect(() => requirePart(config, part)).toThrow(/21Vianet/);
    }
  });
});

describe('the list of settings', () => {
  /** Names that are read, over the ways of naming tenants. */
  function namesRead(): Set<string> {
    const names = new Set<string>();
    const watched = (env: Environment): Environment =>
      new Proxy(env, {
        get(target, name) {
          names.add(String(name));
          return target[String(name)];
        },
      });
    readConfig(watched({}));
    readConfig(watched(SOUND));
    readConfig(watched({ ...SOUND, ...list({ id: guid(1), credential: federated }) }));
    return names;
  }

  it('has every setting that is read, and no other', () => {
    const listed = [...SETTINGS.map(({ name }) => name), ...HOST_SETTINGS];
    expect([...namesRead()].sort()).toEqual([...listed].sort());
  });

  it('names each once, explains it in a sentence, and states the default that is in force', () => {
    const names = SETTINGS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { what } of SETTINGS) expect(what).toMatch(/^[A-Za-z].*\.$/);
    const defaults = SETTINGS.flatMap((setting) =>
      'default' in setting && /^[a-z0-9]+$/.test(setting.default) ? [[setting.name, setting.default]] : [],
    );
    expect(defaults.length).toBeGreaterThanOrEqual(8);
    expect(read(Object.fromEntries(defaults))).toEqual(read());
  });
});
