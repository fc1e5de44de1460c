import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startAzurite } from '../../../lab/storage/azurite.ts';
import { ACCOUNT, enterLab, type Frame, startFrame } from './harness.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'outrider-data-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const credential = { getToken: async () => ({ token: 'good', expiresOnTimestamp: Date.now() + 3_600_000 }) };
const single = { retryOptions: { maxRetries: 0, maxTries: 1 } };

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('It did not happen within 15 s.');
    await sleep(50);
  }
}

async function pidOf(frame: Frame): Promise<number> {
  const pid = frame.azurite?.pid();
  if (pid === undefined) throw new Error('Azurite is not running.');
  return pid;
}

test('a kept directory brings everything back, after a restart and in another lab', async () => {
  const write = async (frame: Frame) => {
    enterLab(frame);
    const table = new TableClient(`https://${ACCOUNT}.table.core.windows.net`, 'kept', credential, single);
    await table.createTable();
    await table.submitTransaction([['create', { partitionKey: 'p', rowKey: 'r', title: 'Grüße' }]]);
    const blobs = new BlobServiceClient(`https://${ACCOUNT}.blob.core.windows.net`, credential, single);
    await blobs.getContainerClient('kept').create();
    await blobs.getContainerClient('kept').getBlockBlobClient('b').upload('content', 7);
  };
  const expectAll = async (frame: Frame) => {
    enterLab(frame);
    const table = new TableClient(`https://${ACCOUNT}.table.core.windows.net`, 'kept', credential, single);
    expect((await table.getEntity('p', 'r')).title).toBe('Grüße');
    const blobs = new BlobServiceClient(`https://${ACCOUNT}.blob.core.windows.net`, credential, single);
    const blob = blobs.getContainerClient('kept').getBlockBlobClient('b');
    expect((await blob.downloadToBuffer()).toString()).toBe('content');
  };

  const first = await startFrame({ storage: true, dataDirectory: data });
  try {
    await write(first);
    const before = await pidOf(first);
    await first.azurite?.restart();
    expect(await pidOf(first)).not.toBe(before);
    await expectAll(first);
  } finally {
    await first.stop();
  }
  const second = await startFrame({ storage: true, dataDirectory: data });
  await expectAll(second).finally(() => second.stop());
});

test('while Azurite is down connections are cut; when it is back the lab goes on', async () => {
  const frame = await startFrame({ storage: true });
  try {
    enterLab(frame);
    const table = new TableClient(`https://${ACCOUNT}.table.core.windows.net`, 'later', credential, single);
    await table.createTable();
    await frame.azurite?.kill();
    await expect(table.createEntity({ partitionKey: 'p', rowKey: 'r' })).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    await frame.azurite?.start();
    await table.createTable(); // in memory: what was there is gone
    await table.createEntity({ partitionKey: 'p', rowKey: 'r' });
  } finally {
    await frame.stop();
  }
});

test('a stop leaves no process and no file', async () => {
  const frame = await startFrame({ storage: true });
  const pid = await pidOf(frame);
  expect(await readdir(frame.directory)).toEqual(['ca.pem', 'leaf.key', 'leaf.pem']);
  await frame.stop();
  expect(isAlive(pid)).toBe(false);
  await expect(readdir(frame.directory)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a lab that is killed takes Azurite with it, and what was written is kept', async () => {
  const script = `
    import { startFrame, enterLab } from ${JSON.stringify(new URL('./harness.ts', import.meta.url).href)};
    import { TableClient } from '@azure/data-tables';
    const frame = await startFrame({ storage: true, dataDirectory: ${JSON.stringify(data)} });
    enterLab(frame);
    const credential = { getToken: async () => ({ token: 'good', expiresOnTimestamp: Date.now() + 3600000 }) };
    const table = new TableClient('https://${ACCOUNT}.table.core.windows.net', 'kept', credential);
    await table.createTable();
    await table.createEntity({ partitionKey: 'p', rowKey: 'r' });
    console.log(JSON.stringify({ pid: frame.azurite.pid(), directory: frame.directory }));`;
  const lab = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: process.cwd(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(lab.stdout, 'data');
  const { pid, directory } = JSON.parse(String(line));
  expect(isAlive(pid)).toBe(true);
  lab.kill('SIGKILL');
  await until(() => !isAlive(pid));
  await rm(directory, { recursive: true, force: true });

  const frame = await startFrame({ storage: true, dataDirectory: data });
  try {
    enterLab(frame);
    const table = new TableClient(`https://${ACCOUNT}.table.core.windows.net`, 'kept', credential, single);
    expect((await table.getEntity('p', 'r')).rowKey).toBe('r');
  } finally {
    await frame.stop();
  }
});

test('an Azurite that cannot start says why and leaves no process', async () => {
  const starting = startAzurite({
    account: ACCOUNT,
    certificateFile: '/nowhere.pem',
    keyFile: '/nowhere.key',
  });
  await expect(starting).rejects.toMatchObject({
    code: 'lab.azurite_failed',
    message: expect.stringMatching(/^Azurite did not start.*nowhere/s),
  });
});
