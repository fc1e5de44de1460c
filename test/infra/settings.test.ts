import { beforeAll, describe, expect, it } from 'vitest';
import { SIZES, STAND_INS } from '../../scripts/infra-build.ts';
import { readConfig } from '../../shared/config.ts';
import { HOST_SETTINGS, SETTINGS } from '../../shared/settings.ts';
import { AZURE, ID, IDENTITY } from './azure.ts';
import { propertyOf } from './checks/walk.ts';
import { evaluate, parametersOf, type Value, type Values, variableOf } from './evaluate.ts';
import { infra, type Project } from './project.ts';
import { spoilt } from './samples.ts';

let project: Project;
beforeAll(async () => {
  project = await infra();
});

describe('settings', () => {
  /** Not set, since their defaults are what the templates deploy. */
  const DEFAULTS: Readonly<Record<string, string>> = {
    OUTRIDER_STORAGE_ACCOUNT: 'the account of the Functions host is the only one',
    OUTRIDER_STORAGE_IDENTITY_CLIENT_ID: 'AzureWebJobsStorage__clientId',
    AzureWebJobsStorage__accountName: 'the three addresses, which are right in every cloud',
  };
  /** The host's own, which Outrider does not read. */
  const HOST_ONLY = [
    'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
    'APPLICATIONINSIGHTS_CONNECTION_STRING',
    'AzureWebJobsStorage__credential',
  ];
  /** On Flex Consumption they are refused, or do harm. */
  const NEVER =
    /^(FUNCTIONS_(WORKER|EXTENSION|MAX_HTTP)|WEBSITE_|WEBSITES_|SCM_DO_BUILD|ENABLE_ORYX|TZ$|AzureWebJobsStorage$)/;

  const keysOf = (from: Project, path: string, name: string): string[] => {
    const value = from.get(path)?.variables.find((variable) => variable.name === name)?.value;
    return value?.kind === 'object' ? value.entries.map(({ key }) => key ?? '') : [];
  };
  const faults = (from: Project): string[] => {
    const set = [
      ...keysOf(from, 'main.bicep', 'outriderSettings'),
      ...keysOf(from, 'modules/function.bicep', 'hostSettings'),
    ];
    const read = [...SETTINGS.map(({ name }) => name as string), ...HOST_SETTINGS];
    return [
      ...set.filter((name) => NEVER.test(name)).map((name) => `${name} must not be set`),
      ...set
        .filter((name) => !read.includes(name) && !HOST_ONLY.includes(name))
        .map((name) => `${name} is read by nothing: mend its name in infra/`),
      ...read
        .filter((name) => !set.includes(name) && !(name in DEFAULTS))
        .map(
          (name) => `${name} is not set: add it to outriderSettings in infra/main.bicep, with a parameter`,
        ),
      ...HOST_ONLY.filter((name) => !set.includes(name)).map(
        (name) => `${name} is not set: the host needs it, in infra/modules/function.bicep`,
      ),
      ...Object.keys(DEFAULTS).filter((name) => set.includes(name) || !read.includes(name)),
    ];
  };

  it('have exactly the names that the code reads', () => {
    expect(faults(project)).toEqual([]);
  });

  it.each([
    ['OUTRIDER_CLOUDS is read by nothing', 'main.bicep', 'OUTRIDER_CLOUD:', 'OUTRIDER_CLOUDS:'],
    ['OUTRIDER_API_CALLERS is not set', 'main.bicep', '  OUTRIDER_API_CALLERS: callers\n', ''],
    [
      'SCM_DO_BUILD_DURING_DEPLOYMENT must not',
      'main.bicep',
      '  OUTRIDER_CLOUD:',
      "  SCM_DO_BUILD_DURING_DEPLOYMENT: 'true'\n  OUTRIDER_CLOUD:",
    ],
    [
      'AzureWebJobsStorage__clientId is not set',
      'modules/function.bicep',
      'AzureWebJobsStorage__clientId:',
      'AzureWebJobsStorage__clientid:',
    ],
    [
      'APPLICATIONINSIGHTS_AUTHENTICATION_STRING is not set',
      'modules/function.bicep',
      '  APPLICATIONINSIGHTS_AUTHENTICATION_STRING:',
      '  // APPLICATIONINSIGHTS_AUTHENTICATION_STRING:',
    ],
  ])('or else: %s', async (text, path, from, to) => {
    expect(faults(await spoilt(project, path, from, to)).join('\n')).toContain(text);
  });

  /** The settings of a deployment, as the app gets them. */
  const deployedSettings = (given: Values, from: Project = project): Record<string, string> => {
    const [main, app] = ['main.bicep', 'modules/function.bicep'].map((path) => from.get(path));
    const settings = propertyOf(app?.resources.find(({ name }) => name === 'settings')?.value, 'properties');
    if (!main || !app || !settings) throw new Error('The templates set nothing.');
    const required = { environmentName: 'prod', apiClientId: `${ID}3`, graphClientId: `${ID}4` };
    const outriderSettings = variableOf(
      main,
      'outriderSettings',
      parametersOf(main, { ...required, ...given }, AZURE),
    );
    const parameters = {
      outriderSettings,
      functionIdentityClientId: IDENTITY.properties.clientId,
      storage: {
        blob: 'https://st.blob.core.windows.net/',
        queue: 'https://st.queue.core.windows.net/',
        table: 'https://st.table.core.windows.net/',
      },
    };
    const insights = { properties: { ConnectionString: 'InstrumentationKey=x' } };
    return evaluate(app, settings, parametersOf(app, parameters, { insights })) as Record<string, string>;
  };
  /** They, read by the code itself. */
  const configOf = (given: Values): ReturnType<typeof readConfig> => readConfig(deployedSettings(given));

  // https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
  // https://learn.microsoft.com/azure/azure-functions/configure-monitoring#require-microsoft-entra-authentication
  const HOST = {
    AzureWebJobsStorage__credential: 'managedidentity',
    AzureWebJobsStorage__clientId: IDENTITY.properties.clientId,
    AzureWebJobsStorage__blobServiceUri: 'https://st.blob.core.windows.net/',
    AzureWebJobsStorage__queueServiceUri: 'https://st.queue.core.windows.net/',
    AzureWebJobsStorage__tableServiceUri: 'https://st.table.core.windows.net/',
    APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=x',
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `ClientId=${IDENTITY.properties.clientId};Authorization=AAD`,
  };
  const hostSettings = (settings: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => !name.startsWith('OUTRIDER_')));

  it('let the host in by the app’s own identity, and nothing empty is set', () => {
    const settings = deployedSettings({ tenantId: `${ID}9` });
    expect(hostSettings(settings)).toEqual(HOST);
    expect(Object.entries(settings).filter(([, value]) => value === '')).toEqual([]);
  });

  it.each([
    ["'managedidentity'", "'managedIdentity'"],
    ['clientId: functionIdentityClientId', 'clientId: federationIdentityId'],
    ['blobServiceUri: storage.blob', 'blobServiceUri: storage.queue'],
    ['Authorization=AAD', 'Authorization=None'],
    ['union(hostSettings, givenSettings)', 'givenSettings'],
  ])('or else: %s → %s', async (from, to) => {
    const wrong = await spoilt(project, 'modules/function.bicep', from, to);
    expect(hostSettings(deployedSettings({ tenantId: `${ID}9` }, wrong))).not.toEqual(HOST);
  });

  it('are understood by the code: one tenant', () => {
    const config = configOf({
      tenantId: `${ID}9`,
      tenantName: 'Contoso',
      sync: { intervalMinutes: 15, legalHold: true },
    });
    expect(config.faults).toEqual([]);
    expect(config.api).toMatchObject({ clientId: `${ID}3`, tenantId: `${ID}9`, callers: 'single-tenant' });
    expect(config.tenants).toMatchObject([
      {
        id: `${ID}9`,
        name: 'Contoso',
        credential: { kind: 'federated', clientId: `${ID}4` },
        sync: { intervalMinutes: 15, legalHold: true },
      },
    ]);
    expect(config.federationIdentityClientId).toBe(`${ID}2`);
    expect(config.vaultUrl).toBeUndefined();
  });

  it('are understood by the code: several tenants, one with a secret in the vault', () => {
    const secret = { kind: 'secret', clientId: `${ID}5`, secretName: 'fabrikam' };
    const config = configOf({
      callers: 'multi-tenant',
      tenantGroups: { [`${ID}8`]: ['emea'] },
      tenants: [
        {
          id: `${ID}6`,
          credential: { kind: 'federated', clientId: `${ID}4` },
          groups: ['emea'],
          sync: { historyDays: 30 },
        },
        { id: `${ID}7`, api: 'xdr', credential: secret },
      ],
    });
    expect(config.faults).toEqual([]);
    expect(config.tenants).toMatchObject([
      { id: `${ID}6`, sync: { historyDays: 30 } },
      { api: 'xdr', credential: secret },
    ]);
    expect(config.vaultUrl).toBe('https://kv-x.vault.azure.net');
    expect(config.vaultIdentityClientId).toBe(IDENTITY.properties.clientId);
    expect(config.api?.callers).toBe('multi-tenant');
    expect(config.api?.tenantGroups?.get(`${ID}8`)).toEqual(['emea']);
  });

  it('tell groups of tenants that are left out from none that are given: then nobody sees all', () => {
    const groupsOf = (given: Values) => configOf({ tenantId: `${ID}9`, ...given }).api?.tenantGroups;
    expect(groupsOf({})).toBeUndefined();
    expect(groupsOf({ tenantGroups: {} })).toEqual(new Map());
  });

  it.each([
    [
      'tenants and tenantId contradict',
      { tenantId: `${ID}9`, tenants: [{ id: `${ID}6`, credential: { kind: 'managedIdentity' } }] },
    ],
    ['graphClientId is missing: deploy entra/main.bicep', { tenantId: `${ID}9`, graphClientId: '' }],
    ['credentialName is missing', { tenantId: `${ID}9`, credential: 'secret' }],
    ['cloud is of another Azure', { cloud: 'gcchigh' }],
  ])('are not made of parameters that contradict each other: %s', (text, given: Values) => {
    expect(() => configOf(given)).toThrow(text);
  });

  it('leave no way in only where there is a network to come from', () => {
    const main = project.get('main.bicep');
    if (!main) throw new Error('main.bicep is gone.');
    const access = (given: Values) => variableOf(main, 'checkedAccess', parametersOf(main, given, AZURE));
    expect(() => access({ publicAccess: false })).toThrow('Set privateNetwork to true as well');
    expect(access({ publicAccess: false, privateNetwork: true })).toBe(false);
    expect(access({})).toBe(true);
  });

  it('announce costs from the first of a month on, which Azure says only in the middle of a deployment', () => {
    const main = project.get('main.bicep');
    if (!main) throw new Error('main.bicep is gone.');
    const budget = (given: Values) => variableOf(main, 'checkedBudget', parametersOf(main, given, AZURE));
    const asked = { amount: 100, startDate: '2026-12-01', emails: ['x@example.org'] };
    expect(() => budget({ budget: { ...asked, startDate: '2026-12-15' } })).toThrow('yyyy-MM-01');
    expect(budget({ budget: asked })).toEqual(asked);
    expect(budget({})).toBeNull();
  });

  it('need no app registration where an identity itself reads its own tenant', () => {
    const config = configOf({ tenantId: `${ID}9`, credential: 'managedIdentity', graphClientId: '' });
    expect(config.faults).toEqual([]);
    expect(config.tenants[0]?.credential).toEqual({
      kind: 'managedIdentity',
      clientId: IDENTITY.properties.clientId,
    });
  });

  it.each(SIZES)('of the size %s are understood by the code, without a fault', (size) => {
    const file = project.get(`sizes/${size}.main.bicepparam`);
    if (!file) throw new Error(`There is no size ${size}.`);
    const environment = new Map<string, Value>([
      ['readEnvironmentVariable()', (name, fallback) => STAND_INS[String(name)] ?? required(fallback, name)],
    ]);
    const given = Object.fromEntries(
      file.variables.map(({ name }) => [name, variableOf(file, name, environment)]),
    );
    const config = configOf(given);
    expect(config.faults).toEqual([]);
    expect(config.api?.clientId).toBe(STAND_INS.OUTRIDER_API_CLIENT_ID);
    expect(config.tenants.length).toBe(size === 'partner' ? 0 : 1);
  });
});

function required(fallback: Value | undefined, name: Value | undefined): Value {
  if (fallback === undefined) throw new Error(`${String(name)} has no value in npm run infra:build.`);
  return fallback;
}
