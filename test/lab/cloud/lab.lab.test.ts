import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCloud } from '../../../lab/cloud.ts';
import { callLab } from '../../../lab/control/running-lab.ts';
import { startLab } from '../../../lab/lab.ts';
import { readConfig } from '../../../shared/config.ts';
import { enterLab } from './harness.ts';

let directory: string;
let stateFile: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'outrider-lab-test-'));
  stateFile = join(directory, 'state', 'lab.json');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function stops(): { readonly asked: Promise<void>; readonly onStop: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { asked: promise, onStop: resolve };
}

test('a lab is found, commanded and stopped from outside, and leaves nothing behind', async () => {
  const { asked, onStop } = stops();
  const lab = await startLab({
    stateFile,
    onStop,
    status: (cloud) => ({ ready: true, tenants: cloud.tenants() }),
  });
  try {
    const call = (method: string, path: string, body?: unknown) => callLab(method, path, body, stateFile);
    const [tenant] = lab.cloud.world.tenants;
    expect(await call('GET', '/status')).toMatchObject({ ready: true, tenants: [{ id: tenant?.id }, {}] });
    expect(await call('GET', '/env')).toEqual(lab.cloud.env);
    expect(await call('POST', '/token', { roles: ['Incidents.Read'] })).toEqual({
      token: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/),
    });
    await call('PATCH', '/defender', { links: 'token', graphCallsPerMinute: null, shuffleArrays: true });
    expect(lab.cloud.defender.settings).toMatchObject({
      links: 'token',
      graphCallsPerMinute: null,
      shuffleArrays: true,
    });
    await expect(call('PATCH', '/defender', { links: 'skip', lnks: 'skip' })).rejects.toThrow(
      'no setting lnks',
    );
    await expect(call('PATCH', '/defender', { shuffleArrays: 1 })).rejects.toThrow('cannot be 1');
    expect(lab.cloud.defender.settings.links).toBe('token');
    await expect(startLab({ stateFile, onStop, status: () => ({}) })).rejects.toMatchObject({
      code: 'lab.already_running',
    });
    expect(await call('GET', '/status')).toMatchObject({ ready: true }); // the refused one has broken nothing
    await call('POST', '/stop');
    await asked;
  } finally {
    await lab.stop();
  }
  expect(await readdir(join(directory, 'state'))).toEqual([]);
});

test('the product takes the lab’s settings without a fault', async () => {
  const cloud = await startCloud({ tenants: 3, backfillDays: 400, retentionDays: 4000 });
  try {
    const config = readConfig(cloud.env);
    expect(config.faults).toEqual([]);
    expect(config.tenants.map(({ id, api }) => ({ id, api }))).toEqual(
      cloud.world.tenants.map(({ id, api }) => ({ id, api })),
    );
    expect(config.tenants[0]?.sync).toMatchObject({
      backfillDays: 400,
      historyDays: 4000,
      resolvedDays: 4000,
    });
    expect(config.storage?.tableUri).toBe('https://outriderlab.table.core.windows.net');
    expect(config.api).toMatchObject({ clientId: cloud.world.api.clientId, tenantId: cloud.world.home.id });
  } finally {
    await cloud.stop();
  }
});

test('a start that fails half way leaves nothing behind', async () => {
  const files = join(directory, 'files');
  const keep = join(directory, 'keep\0impossible');
  await expect(startCloud({ directory: files, keep })).rejects.toThrow();
  await expect(access(files)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('kept storage serves the next lab, at another time of the lab’s own clock', async () => {
  const keep = join(directory, 'keep');
  const use = async (now: number, work: (table: TableClient) => Promise<unknown>) => {
    const cloud = await startCloud({ keep, clock: { now: () => now } });
    try {
      enterLab({ authority: cloud.authority.pem, proxy: { url: cloud.env.HTTPS_PROXY ?? '' } });
      const token = await cloud.entra.issue({
        tenantId: cloud.world.home.id,
        appId: cloud.world.identities.storage.clientId,
        audience: 'https://storage.azure.com',
      });
      const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
      const host = `https://${cloud.world.storageAccount}.table.core.windows.net`;
      return await work(new TableClient(host, 'kept', credential, { retryOptions: { maxRetries: 0 } }));
    } finally {
      await cloud.stop();
    }
  };
  await use(Date.UTC(2020, 0, 1), async (table) => {
    await table.createTable();
    await table.createEntity({ partitionKey: 'p', rowKey: 'r', value: 1 });
  });
  const row = await use(Date.UTC(2035, 0, 1), (table) => table.getEntity('p', 'r'));
  expect(row).toMatchObject({ value: 1 });
});
