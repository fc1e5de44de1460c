import { describe, expect, test } from 'vitest';
import { parseHostJson } from '../../../lab/runner/host-json.ts';
import { indexFunctions } from '../../../lab/runner/index-functions.ts';
import { createLogFilter } from '../../../lab/runner/log-filter.ts';
import { createSettings, resolveSettings } from '../../../lab/runner/settings.ts';
import { readStorageConnection } from '../../../lab/runner/storage-connection.ts';
import { hostIdOf } from '../../../lab/runner/timer-status.ts';
import type { BindingInfo, RegisteredFunction } from '../../../lab/runner/worker-contract.ts';

const hostJson = (root: object, env: Record<string, string> = {}) =>
  parseHostJson(JSON.stringify({ version: '2.0', ...root }), env);

describe('host.json', () => {
  test('has the documented defaults', () => {
    expect(hostJson({})).toEqual({
      routePrefix: 'api',
      customHeaders: {},
      queues: {
        batchSize: 16,
        newBatchThreshold: 8,
        visibilityTimeoutMs: 0,
        maxDequeueCount: 5,
        maxPollingIntervalMs: 60_000,
        messageEncoding: 'base64',
      },
      functionTimeoutMs: 1_800_000,
      only: undefined,
      logLevels: {},
      warnings: [],
    });
    expect(hostJson({}, { AZURE_FUNCTIONS_ENVIRONMENT: 'Development' }).queues.maxPollingIntervalMs).toBe(
      2_000,
    );
  });

  test('is read', () => {
    const host = hostJson({
      functionTimeout: '-1',
      functions: ['a'],
      extensions: {
        http: { routePrefix: '/v1/' },
        queues: { batchSize: 5, visibilityTimeout: '00:00:30', maxDequeueCount: 2, messageEncoding: 'None' },
      },
    });
    expect(host).toMatchObject({ routePrefix: 'v1', functionTimeoutMs: undefined, only: new Set(['a']) });
    expect(host.queues).toMatchObject({
      batchSize: 5,
      newBatchThreshold: 2,
      visibilityTimeoutMs: 30_000,
      maxDequeueCount: 2,
      messageEncoding: 'none',
    });
  });

  test('is overridden by app settings', () => {
    const root = { extensions: { queues: { batchSize: 4, maxPollingInterval: '00:00:10' } } };
    const host = hostJson(root, {
      AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:01',
      AZUREFUNCTIONSJOBHOST__EXTENSIONS__QUEUES__BATCHSIZE: '2',
      AzureFunctionsJobHost__functionTimeout: '-1',
      'AzureFunctionsJobHost:logging:logLevel:default': 'Debug',
      OTHER__extensions__queues__batchSize: '9',
    });
    expect(host.queues).toMatchObject({ batchSize: 2, maxPollingIntervalMs: 1_000 });
    expect(host).toMatchObject({ functionTimeoutMs: undefined, logLevels: { default: 'Debug' } });
  });

  test('warns of what it does not know', () => {
    expect(hostJson({ logging: {}, queues: {} }).warnings).toEqual([
      'host.json: "queues" is not a setting the host knows; it is ignored',
    ]);
  });

  test.each([
    [{ extensions: { queues: { batchSize: 33 } } }, 'batchSize is 33, outside 1 to 32'],
    [{ extensions: { queues: { maxPollingInterval: 2000 } } }, 'maxPollingInterval: '],
    [{ extensions: { queues: { visibilityTimeout: 'soon' } } }, 'visibilityTimeout: "soon"'],
    [{ extensions: { queues: { messageEncoding: 'utf8' } } }, 'not base64 or none'],
    [{ extensions: { http: { routePrefix: 1 } } }, 'routePrefix is not a string'],
    [{ functionTimeout: 5 }, 'functionTimeout: '],
    [{ extensions: [] }, 'extensions is not an object'],
    [{ version: '1.0' }, '"version" must be "2.0"'],
  ])('refuses %j', (root, reason) => {
    expect(() => hostJson(root)).toThrow(reason);
  });
});

describe('log levels', () => {
  test('are Information unless host.json says otherwise', () => {
    const filter = createLogFilter({});
    expect(filter('Function.sync.User', 'information')).toBe(true);
    expect(filter('Function.sync.User', 'debug')).toBe(false);
  });

  test('are decided by the longest category that fits, else by default', () => {
    const filter = createLogFilter({
      default: 'Warning',
      Function: 'Error',
      'Function.sync': 'Debug',
      'Function.sync.User': 'None',
    });
    expect(filter('Worker', 'warning')).toBe(true);
    expect(filter('Worker', 'information')).toBe(false);
    expect(filter('Function.other.User', 'warning')).toBe(false);
    expect(filter('Function.sync', 'debug')).toBe(true);
    expect(filter('Function.sync.User', 'critical')).toBe(false);
    expect(filter('Function.sync2', 'debug')).toBe(true);
  });
});

describe('settings', () => {
  test('are found whatever their case, and with : or __', () => {
    const settings = createSettings({ Storage__AccountName: 'one', EMPTY: '' });
    expect(settings.get('storage:accountname')).toBe('one');
    expect(settings.get('STORAGE__ACCOUNTNAME')).toBe('one');
    expect(settings.get('missing')).toBeUndefined();
  });

  test('replace %NAME% in binding options', () => {
    const settings = createSettings({ A: 'x', B: 'y', EMPTY: '' });
    expect(resolveSettings('%A%-%b%/{id}', 'route', settings)).toBe('x-y/{id}');
    expect(() => resolveSettings('%EMPTY%', 'schedule', settings)).toThrow(
      'its schedule is %EMPTY%, but the app setting EMPTY is not set',
    );
  });
});

describe('storage connections', () => {
  const read = (env: Record<string, string>, name = 'AzureWebJobsStorage') =>
    readStorageConnection(createSettings(env), name);

  test('by connection string', () => {
    expect(read({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' })).toEqual({
      kind: 'connectionString',
      connectionString: 'UseDevelopmentStorage=true',
    });
    expect(read({ AzureWebJobsMine: 'a', Mine: 'b' }, 'Mine')).toMatchObject({ connectionString: 'a' });
    expect(read({ Mine: 'b' }, 'Mine')).toMatchObject({ connectionString: 'b' });
  });

  test('by managed identity and account name', () => {
    const env = {
      AzureWebJobsStorage__accountName: 'acct',
      AzureWebJobsStorage__credential: 'managedidentity',
      AzureWebJobsStorage__clientId: '11111111-2222-3333-4444-555555555555',
    };
    expect(read(env)).toEqual({
      kind: 'identity',
      queueUri: 'https://acct.queue.core.windows.net',
      blobUri: 'https://acct.blob.core.windows.net',
      clientId: '11111111-2222-3333-4444-555555555555',
    });
  });

  test('by service addresses, which win over the account name; system-assigned without a client id', () => {
    const env = {
      Q__queueServiceUri: 'https://a.queue.core.usgovcloudapi.net',
      Q__accountName: 'acct',
      Q__credential: 'ManagedIdentity',
    };
    expect(read(env, 'Q')).toEqual({
      kind: 'identity',
      queueUri: 'https://a.queue.core.usgovcloudapi.net',
      blobUri: 'https://acct.blob.core.windows.net',
      clientId: undefined,
    });
  });

  test.each([
    [{}, 'the connection "AzureWebJobsStorage" is not configured'],
    [
      { AzureWebJobsStorage__accountName: 'a', AzureWebJobsStorage__credential: 'workload' },
      'takes managedidentity only',
    ],
    [
      { AzureWebJobsStorage__accountName: 'a', AzureWebJobsStorage__clientId: 'x' },
      '__credential is not: set it to managedidentity',
    ],
  ])('%j are refused', (env, reason) => {
    expect(() => read(env)).toThrow(reason);
  });
});

describe('functions', () => {
  const registered = (name: string, bindings: Record<string, BindingInfo>): RegisteredFunction => ({
    metadata: { name, bindings },
    callback: () => undefined,
  });
  const trigger = (type: string, options: object = {}): Record<string, BindingInfo> => ({
    t: { type, direction: 'in', ...options },
  });
  const index = (functions: RegisteredFunction[], env: Record<string, string> = {}, host = {}) =>
    indexFunctions(functions, { host: hostJson(host), settings: createSettings(env) });

  test.each([
    [
      trigger('queueTrigger', { queueName: 'Work-Items', connection: 'X' }),
      'the connection "X" is not configured',
    ],
    [trigger('queueTrigger', { queueName: 'a', connection: '' }), 'is not a queue name'],
    [trigger('timerTrigger', { schedule: '%WHEN%' }), 'the app setting WHEN is not set'],
    [trigger('timerTrigger', { schedule: 'hourly' }), 'not an NCRONTAB expression'],
    [trigger('httpTrigger', { route: '/x' }), 'starts with /'],
    [trigger('blobTrigger'), 'its trigger blobTrigger is not one the local runner plays'],
    [{}, 'it has no trigger'],
    [{ ...trigger('httpTrigger'), out: { type: 'blob', direction: 'out' as const } }, 'its blob out binding'],
  ])('one that cannot run is named with the reason, the others run: %j', (bindings, reason) => {
    const result = index([registered('bad', bindings), registered('good', trigger('httpTrigger'))]);
    expect(result.functions.map((fn) => fn.name)).toEqual(['good']);
    expect(result.failed).toEqual([{ name: 'bad', reason: expect.stringContaining(reason) }]);
  });

  test('a time zone that is none is named', () => {
    const result = index([registered('tick', trigger('timerTrigger', { schedule: '0 * * * * *' }))], {
      WEBSITE_TIME_ZONE: 'Mars',
    });
    expect(result.failed[0]?.reason).toContain('WEBSITE_TIME_ZONE is "Mars"');
  });

  test('are left out by AzureWebJobs.<name>.Disabled and by host.json', () => {
    const functions = ['a', 'b', 'c', 'd'].map((name) => registered(name, trigger('httpTrigger')));
    const env = {
      'AzureWebJobs.a.Disabled': 'true',
      AzureWebJobs_b_Disabled: '1',
      'AzureWebJobs.d.Disabled': 'false',
    };
    const result = index(functions, env, { functions: ['a', 'b', 'd'] });
    expect(result.functions.map((fn) => fn.name)).toEqual(['d']);
    expect(result.disabled).toEqual(['a', 'b', 'c']);
  });
});

test('the host id comes from its setting, else from the site’s name', () => {
  expect(hostIdOf(createSettings({ WEBSITE_SITE_NAME: 'My-Site-With-A-Name-Of-Thirty-Two-C' }))).toBe(
    'my-site-with-a-name-of-thirty-tw',
  );
  expect(hostIdOf(createSettings({ AzureFunctionsWebHost__hostid: 'own', WEBSITE_SITE_NAME: 'x' }))).toBe(
    'own',
  );
  expect(hostIdOf(createSettings({}))).toBe('local');
});
