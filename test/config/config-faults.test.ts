import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig, requirePart } from '../../shared/config.ts';
import { HOST_SETTINGS, SETTINGS } from '../../shared/settings.ts';
import { federated, guid, list, named, read, SOUND, textOf } from './settings.ts';

describe('missing settings', () => {
  it('are named all together when there are none at all; tenants may all be registered', () => {
    const config = readConfig({});
    expect(named(config)).toEqual([
      'AzureWebJobsStorage__accountName',
      'OUTRIDER_API_CLIENT_ID',
      'OUTRIDER_API_TENANT_ID',
    ]);
    expect(config).toMatchObject({ tenants: [], storage: undefined, api: undefined });
    for (const { text } of config.faults) expect(text).toMatch(/[Ss]et /);
  });

  it.each(Object.keys(SOUND))('%s is named by its fault, which says that it is missing', (name) => {
    const config = read({ [name]: undefined });
    const about = config.faults.filter(({ text }) => text.includes(name));
    expect(about.length).toBeGreaterThan(0);
    expect(about.map(({ text }) => text).join(' ')).toMatch(/missing|needs|No storage account/);
  });

  it.each([
    ['secret', 'OUTRIDER_CREDENTIAL_NAME'],
    ['certificate', 'OUTRIDER_CREDENTIAL_NAME'],
  ])('a credential of kind %s lacks %s and the vault', (kind, name) => {
    const config = read({ OUTRIDER_CREDENTIAL: kind });
    expect(textOf(config, name)).toBe(`${name}: is missing.`);
    const named = read({ OUTRIDER_CREDENTIAL: kind, OUTRIDER_CREDENTIAL_NAME: 'a' });
    expect(named.faults).toEqual([
      expect.objectContaining({ area: 'tenants', text: expect.stringMatching(/needs OUTRIDER_VAULT_URL/) }),
    ]);
    expect(named.tenants).toEqual([]);
  });
});

describe('misspelt settings', () => {
  it.each([
    ['OUTRIDER_TENNANT_ID', 'OUTRIDER_TENANT_ID'],
    ['OUTRIDER_VAULTURL', 'OUTRIDER_VAULT_URL'],
    ['outrider_cloud', 'OUTRIDER_CLOUD'],
    ['Outrider_Legal_Hold', 'OUTRIDER_LEGAL_HOLD'],
  ])('%s is reported with what was meant: %s', (name, meant) => {
    const config = read({ [name]: 'x' });
    expect(config.faults).toEqual([
      {
        area: 'names',
        setting: name,
        text: `${name} is not a setting of Outrider; did you mean ${meant}? Rename or remove it.`,
      },
    ]);
    expect(config.tenants).toHaveLength(1);
  });

  it('without a likely meaning are reported, those of others are not', () => {
    const config = read({ OUTRIDER_COLOUR_OF_THE_LOGO: 'x', OTHER_TENANT_ID: 'x', AzureWebJobsStorage: 'x' });
    expect(named(config)).toEqual(['OUTRIDER_COLOUR_OF_THE_LOGO']);
    expect(config.faults[0]?.text).not.toMatch(/did you mean/);
  });

  it('any one slip in a name is found and mended by the text', () => {
    const slip = fc
      .tuple(
        fc.constantFrom(...SETTINGS.map(({ name }) => name)),
        fc.nat(),
        fc.constantFrom('drop', 'double'),
      )
      .map(([name, at, how]) => {
        const index = 'OUTRIDER_'.length + (at % (name.length - 'OUTRIDER_'.length));
        const slipped = name.slice(0, index) + (how === 'drop' ? '' : name.charAt(index).repeat(2));
        return { name, slipped: slipped + name.slice(index + 1) };
      });
    fc.assert(
      fc.property(slip, ({ name, slipped }) => {
        fc.pre(!SETTINGS.some((setting) => setting.name === slipped));
        const fault = read({ [slipped]: 'x' }).faults.find(({ setting }) => setting === slipped);
        expect(fault?.text).toMatch(/did you mean OUTRIDER_\w+\?/);
        if (!['OUTRIDER_TENANT_ID', 'OUTRIDER_TENANTS', 'OUTRIDER_API'].includes(name)) {
          expect(fault?.text).toContain(`did you mean ${name}?`);
        }
      }),
    );
  });
});

describe('contradictory settings', () => {
  it('tenants named in both ways', () => {
    const config = read({ OUTRIDER_TENANTS: JSON.stringify([{ id: guid(9), credential: federated }]) });
    expect(config.faults).toEqual([
      expect.objectContaining({
        setting: 'OUTRIDER_TENANTS',
        text: expect.stringMatching(
          /OUTRIDER_TENANTS and OUTRIDER_TENANT_ID, OUTRIDER_CLIENT_ID contradict .* OUTRIDER_TENANTS is used/,
        ),
      }),
    ]);
    expect(config.tenants.map(({ id }) => id)).toEqual([guid(9)]);
  });

  it('a tenant listed twice, in any letter case: the first one is used', () => {
    const id = 'abcdefab-abcd-4abc-8abc-abcdefabcdef';
    const config = read(
      list({ id, name: 'first', credential: federated }, { id: id.toUpperCase(), credential: federated }),
    );
    expect(config.tenants.map(({ name }) => name)).toEqual(['first']);
    expect(textOf(config, 'OUTRIDER_TENANTS[1]')).toMatch(/listed twice/);
  });

  it('a tenant of another cloud than the deployment’s', () => {
    const config = read(list({ id: guid(1), cloud: 'gcchigh', credential: federated }));
    expect(textOf(config, 'OUTRIDER_TENANTS[0]')).toMatch(/"gcchigh".*"global" \(OUTRIDER_CLOUD\)/);
    expect(config.tenants).toEqual([]);
  });

  it.each(['federated', 'managedIdentity', undefined])('a name for a credential of kind %s', (kind) => {
    const config = read({ OUTRIDER_CREDENTIAL: kind, OUTRIDER_CREDENTIAL_NAME: 'app-secret' });
    expect(config.faults).toEqual([
      expect.objectContaining({
        setting: 'OUTRIDER_CREDENTIAL_NAME',
        text: expect.stringMatching(/has no name.*OUTRIDER_CREDENTIAL to secret or certificate/),
      }),
    ]);
  });

  it('a vault of another cloud', () => {
    const config = read({ OUTRIDER_VAULT_URL: 'https://kv.vault.usgovcloudapi.net' });
    expect(textOf(config, 'OUTRIDER_VAULT_URL')).toMatch(/vault\.azure\.net in the cloud global/);
    expect(config.vaultUrl).toBeUndefined();
  });
});

describe('wrong values', () => {
  it.each<[string, string, RegExp]>([
    ['OUTRIDER_CLOUD', 'china', /21Vianet/],
    ['OUTRIDER_CLOUD', 'mars', /Use one of: global, gcc, gcchigh, dod/],
    ['OUTRIDER_TENANT_ID', 'contoso.com', /must be a GUID/],
    ['OUTRIDER_CLIENT_ID', 'x', /must be a GUID/],
    ['OUTRIDER_API_CLIENT_ID', 'api://x', /must be a GUID/],
    ['OUTRIDER_API_TENANT_ID', 'common', /must be a GUID/],
    ['OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID', 'x', /must be a GUID/],
    ['OUTRIDER_VAULT_IDENTITY_CLIENT_ID', 'x', /must be a GUID/],
    ['OUTRIDER_STORAGE_IDENTITY_CLIENT_ID', 'x', /must be a GUID/],
    ['OUTRIDER_CREDENTIAL', 'password', /managedIdentity.*federated.*certificate.*secret/],
    ['OUTRIDER_API', 'beta', /graph.*xdr/],
    ['OUTRIDER_VAULT_URL', 'http://kv.vault.azure.net', /https:/],
    ['OUTRIDER_VAULT_URL', 'https://kv.vault.azure.net.evil.example', /https:/],
    ['OUTRIDER_VAULT_URL', 'kv', /https:/],
    ['OUTRIDER_STORAGE_ACCOUNT', 'Bad_Name', /3 to 24 lower-case letters and digits/],
    ['AzureWebJobsStorage__accountName', 'Bad_Name', /3 to 24 lower-case letters and digits/],
    ['OUTRIDER_INTERVAL_MINUTES', '0', /whole number from 1 to 1440\. 5 is used meanwhile/],
    ['OUTRIDER_INTERVAL_MINUTES', '5m', /whole number from 1 to 1440/],
    ['OUTRIDER_BACKFILL_DAYS', '1.5', /whole number from 1 to 36500\. 30 is used/],
    ['OUTRIDER_OVERLAP_MINUTES', '361', /whole number from 1 to 360\. 10 is used/],
    ['OUTRIDER_HISTORY_DAYS', '-1', /whole number.*90 is used/],
    ['OUTRIDER_RESOLVED_DAYS', 'forever', /whole number.*365 is used/],
    ['OUTRIDER_TENANTS', 'a,b', /JSON array/],
    ['OUTRIDER_TENANTS', '[]', /at least one/],
    ['OUTRIDER_TENANTS', '{}', /JSON array/],
  ])('%s=%s', (name, value, text) => {
    const config = read({ [name]: value });
    expect(
      config.faults
        .filter(({ setting }) => setting === name)
        .map((fault) => fault.text)
        .join(' '),
    ).toMatch(text);
  });

  it.each(['maybe', 'on', 'tru', '2', 'ja'])('a legal hold of "%s" that cannot be read is kept', (value) => {
    const config = read({ OUTRIDER_LEGAL_HOLD: value });
    expect(config.tenants[0]?.sync.legalHold).toBe(true);
    expect(textOf(config, 'OUTRIDER_LEGAL_HOLD')).toBe(
      'OUTRIDER_LEGAL_HOLD: must be true or false. true is used meanwhile.',
    );
  });

  it.each([
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['yes', true],
    ['false', false],
    ['0', false],
    ['No', false],
  ])('a legal hold of "%s" is %s', (value, hold) => {
    const config = read({ OUTRIDER_LEGAL_HOLD: value });
    expect(config).toMatchObject({ faults: [], tenants: [{ sync: { legalHold: hold } }] });
  });

  it('a tenant whose own hold cannot be read is not synced at all, so that nothing is deleted', () => {
    const config = read(list({ id: guid(1), credential: federated, sync: { legalHold: 'yes' } }));
    expect(config.tenants).toEqual([]);
    expect(config.faults[0]?.text).toBe('OUTRIDER_TENANTS[0].sync.legalHold: must be true or false.');
  });

  it('of one tenant leave the others alone, and each is named by place and field', () => {
    const config = read(
      list(
        null,
        { id: guid(1), name: 'good', credential: federated },
        {},
        { id: 'x', credential: { kind: 'secret', clientId: guid(2), secret: 'hunter2hunter2' } },
        { id: guid(2), nmae: 'x', credential: { kind: 'password' }, sync: { intervalMinutes: 0 } },
      ),
    );
    expect(config.tenants.map(({ name }) => name)).toEqual(['good']);
    expect(config.faults.map(({ text }) => text)).toEqual([
      'OUTRIDER_TENANTS[0]: expected object, received null.',
      'OUTRIDER_TENANTS[2].id: is missing.',
      'OUTRIDER_TENANTS[2].credential: is missing.',
      'OUTRIDER_TENANTS[3].id: must be a GUID.',
      'OUTRIDER_TENANTS[3].credential.secretName: is missing.',
      'OUTRIDER_TENANTS[3].credential: Unrecognized key: "secret".',
      expect.stringMatching(/^OUTRIDER_TENANTS\[4\]\.credential\.kind: .*'managedIdentity'/),
      'OUTRIDER_TENANTS[4].sync.intervalMinutes: must be a whole number from 1 to 1440.',
      'OUTRIDER_TENANTS[4]: Unrecognized key: "nmae".',
    ]);
    expect(JSON.stringify(config.faults)).not.toContain('hunter2');
  });
});

describe('what cannot be undone', () => {
  it('a hold whose name is misspelt holds, as one whose value cannot be read', () => {
    const config = read({ OUTRIDER_LEGALHOLD: 'true' });
    expect(textOf(config, 'OUTRIDER_LEGALHOLD')).toContain('OUTRIDER_LEGAL_HOLD');
    expect(config.tenants.map(({ sync }) => sync.legalHold)).toEqual([true]);
    expect(read({ OUTRIDER_TYPO: 'true' }).tenants.map(({ sync }) => sync.legalHold)).toEqual([false]);
  });

  it('no tenant is signed in to a cloud that was guessed', () => {
    for (const OUTRIDER_CLOUD of ['gcchihg', 'China']) expect(read({ OUTRIDER_CLOUD }).tenants).toEqual([]);
  });
});

describe('all faults together', () => {
  const SLIPS = {
    OUTRIDER_CLIENT_ID: 'x',
    OUTRIDER_API_CLIENT_ID: 'x',
    OUTRIDER_STORAGE_ACCOUNT: 'X',
    OUTRIDER_VAULT_URL: 'x',
    OUTRIDER_INTERVAL_MINUTES: 'x',
    OUTRIDER_LEGAL_HOLD: 'x',
    OUTRIDER_CLOUD: 'x',
    OUTRIDER_API: 'x',
    OUTRIDER_CREDENTIAL: 'x',
    OUTRIDER_VAULT_IDENTITY_CLIENT_ID: 'x',
    OUTRIDER_TYPO: 'x',
  } as const;

  it('any set of slips is named whole, and nothing else is', () => {
    fc.assert(
      fc.property(fc.subarray(Object.keys(SLIPS) as (keyof typeof SLIPS)[]), (names) => {
        const config = read(Object.fromEntries(names.map((name) => [name, SLIPS[name]])));
        // With an unknown kind, the rest of a credential cannot be judged.
        const expected = names.filter(
          (name) => name !== 'OUTRIDER_CLIENT_ID' || !names.includes('OUTRIDER_CREDENTIAL'),
        );
        expect(named(config)).toEqual([...expected].sort());
      }),
    );
  });

  it('no text of settings stops the reading, and none that could be a secret is repeated', () => {
    const value = fc.oneof(
      fc.string({ minLength: 12, maxLength: 40 }),
      fc.json(),
      fc.constantFrom('', ' ', '[]', '[null]', '[{"credential":{"kind":"secret"}}]', 'https://', '1e999'),
    );
    const secret = 'S3cr3t~correct-horse-battery-staple';
    const names = [...SETTINGS.map(({ name }) => name), ...HOST_SETTINGS];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), fc.constantFrom(...names), (env, name) => {
        const config = readConfig({ ...env, [name]: secret });
        for (const { area, setting, text } of config.faults) {
          expect(area).toMatch(/^(cloud|tenants|storage|api|vault|names)$/);
          expect(setting).not.toBe('');
          expect(text).toMatch(/\.$/);
          // A cloud's name is shown, to tell 21Vianet from a slip.
          if (setting !== 'OUTRIDER_CLOUD') expect(text).not.toContain(secret);
        }
        for (const part of ['storage', 'api'] as const) {
          if (config[part] !== undefined) continue;
          expect(() => requirePart(config, part)).toThrow(/not configured for this/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
