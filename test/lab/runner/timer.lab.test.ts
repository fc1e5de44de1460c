import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from './azurite.ts';
import { type PackagedApp, packageApp, type RunningApp, runApp, waitFor } from './run-app.ts';

const STATUS = 'timers/lab-test/Host.Functions.yearly/status';

let azurite: Azurite;
let app: PackagedApp;
const runners: RunningApp[] = [];

beforeAll(async () => {
  azurite = await startAzurite();
  app = await packageApp({ fixture: 'sample-app.ts', host: { functions: ['yearly', 'quick', 'retried'] } });
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
});
afterAll(async () => {
  await app.remove();
  await azurite.stop();
});

async function run(env: Record<string, string> = {}): Promise<RunningApp> {
  const runner = await runApp(app.directory, {
    AzureWebJobsStorage: azurite.connectionString,
    AzureFunctionsWebHost__hostid: 'lab-test',
    ...env,
  });
  runners.push(runner);
  return runner;
}

const container = () =>
  BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('azure-webjobs-hosts');
const readStatus = () =>
  waitFor(
    async () => {
      const found = await container()
        .getBlobClient(STATUS)
        .downloadToBuffer()
        .catch(() => undefined);
      return found && statusOf(found.toString());
    },
    () => 'no status',
  );
/** Azurite may answer a read beside a write with the length of the one text and the bytes of the other. */
function statusOf(text: string): Record<string, string> | undefined {
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return undefined;
  }
}
const timerOf = async (runner: RunningApp, name: string) => {
  const entry = await runner.entry(
    (candidate) => candidate.functionName === name && candidate.message.startsWith('timer {'),
  );
  return JSON.parse(entry.message.slice('timer '.length));
};

test('a timer’s status is kept in blob storage, and an occurrence missed meanwhile runs at the next start', async () => {
  const first = await run();
  const year = new Date().getUTCFullYear();
  expect(await readStatus()).toMatchObject({
    Last: '0001-01-01T00:00:00',
    Next: `${year + 1}-01-01T00:00:00+00:00`,
  });
  await first.stop();
  expect(first.log.some((entry) => entry.functionName === 'yearly' && entry.outcome !== undefined)).toBe(
    false,
  );

  const missed = {
    Last: `${year - 1}-01-01T00:00:00+00:00`,
    Next: `${year}-01-01T00:00:00+00:00`,
    LastUpdated: `${year - 1}-01-01T00:00:00+00:00`,
  };
  const text = JSON.stringify(missed);
  await container().getBlockBlobClient(STATUS).upload(text, text.length);
  const second = await run();
  expect(await timerOf(second, 'yearly')).toEqual({
    schedule: { adjustForDST: true },
    scheduleStatus: { last: missed.Last, next: missed.Next, lastUpdated: missed.LastUpdated },
    isPastDue: true,
  });
  await second.entry((entry) => entry.functionName === 'yearly' && entry.outcome === 'ok');
  await waitFor(
    async () => ((await readStatus()).Next?.startsWith(`${year + 1}`) ? true : undefined),
    () => 'status not renewed',
  );
});

test('a schedule from a setting runs by the clock after runOnStartup; a missing setting stops that timer only', async () => {
  const runner = await run({ QUICK_SCHEDULE: '* * * * * *' });
  await runner.entry((entry) => entry.functionName === 'quick' && entry.message === 'started: runOnStartup');
  await runner.entry((entry) => entry.functionName === 'quick' && entry.message === 'started: schedule');
  expect(await timerOf(runner, 'quick')).toEqual({
    schedule: { adjustForDST: true },
    scheduleStatus: null,
    isPastDue: false,
  });

  const without = await run();
  expect(without.ready.functions.map((fn) => fn.name)).toEqual(['yearly', 'retried']);
  await without.entry(
    (entry) => entry.functionName === 'quick' && entry.message.includes('QUICK_SCHEDULE is not set'),
  );
});

test('without AzureWebJobsStorage timers run all the same and one line says what is lost', async () => {
  const runner = await runApp(app.directory, { QUICK_SCHEDULE: '0 0 0 1 1 *' });
  runners.push(runner);
  await runner.entry((entry) => entry.functionName === 'quick' && entry.outcome === 'ok');
  const warnings = runner.log.filter((entry) => entry.level === 'warning');
  expect(warnings.map((entry) => entry.message)).toEqual([
    expect.stringContaining(
      'timers forget missed occurrences when the runner ends: the connection "AzureWebJobsStorage"',
    ),
  ]);
});

test('a retry policy gives the handler its retry context', async () => {
  const runner = await run();
  await waitFor(
    () =>
      runner.log.filter((entry) => entry.functionName === 'retried' && entry.outcome === 'failed').length ===
      3
        ? true
        : undefined,
    () => 'not three failures',
  );
  const contexts = runner.log
    .filter((entry) => entry.message.startsWith('retry '))
    .map((entry) => JSON.parse(entry.message.slice(6)));
  expect(contexts).toEqual([
    null,
    { retryCount: 1, maxRetryCount: 2, exception: { message: 'not yet' } },
    { retryCount: 2, maxRetryCount: 2, exception: { message: 'not yet' } },
  ]);
});

test('POST /admin/functions runs a timer now', async () => {
  const runner = await run();
  const answer = await fetch(`${runner.ready.url}/admin/functions/YEARLY`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(202);
  expect(await timerOf(runner, 'yearly')).toMatchObject({ isPastDue: false });
  expect(
    (await fetch(`${runner.ready.url}/admin/functions/yearly`, { method: 'POST', body: 'not json' })).status,
  ).toBe(400);
  expect((await fetch(`${runner.ready.url}/admin/functions/yearly`)).status).toBe(404);
});
