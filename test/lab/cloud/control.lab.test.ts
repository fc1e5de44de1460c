import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callControl } from '../../../lab/control/client.ts';
import type { ControlledLab } from '../../../lab/control/routes.ts';
import { callLab } from '../../../lab/control/running-lab.ts';
import { type ControlServer, startControl } from '../../../lab/control/server.ts';
import { claimStateFile, readRunningLab } from '../../../lab/control/state-file.ts';
import { createEntra } from '../../../lab/entra/entra.ts';
import { createHunting } from '../../../lab/hunting/hunting.ts';
import { defaultHuntSettings } from '../../../lab/hunting/settings.ts';
import { createFaults } from '../../../lab/net/faults.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const DIRECTORY = { tenants: [{ id: TENANT, name: 'Contoso' }], users: [], apps: [], managedIdentities: [] };

let directory: string;
let path: string;
let control: ControlServer;
let stopped: Promise<void>;
let lab: ControlledLab;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'outrider-state-'));
  path = join(directory, 'outrider-lab', 'lab.json');
  const settings: Record<string, unknown> = { links: 'skip' };
  stopped = new Promise((resolve) => {
    lab = {
      status: () => ({ ready: true, tenants: [] }),
      env: () => ({ HTTPS_PROXY: 'x' }),
      token: async (roles, tenant = 'home') => `token of ${tenant} with ${roles.join('+')}`,
      userToken: async ({ part, contexts }) => `token of ${part} ${contexts}`,
      entra: createEntra({ directory: DIRECTORY, clock: { now: Date.now } }).control,
      signInPage: (address) => (address === 'https://x.example/' ? undefined : `door ${address}`),
      faults: createFaults({ random: () => 0 }),
      defender: { read: () => settings, patch: (change) => Object.assign(settings, change) },
      hunting: createHunting({
        clock: { now: Date.now },
        settings: defaultHuntSettings(),
        seed: 1,
        worldOf: () => ({ domain: 'x.example', users: [], devices: [], programs: [], analysts: [] }),
      }).control,
      requests: () => [],
      refused: () => [],
      stop: resolve,
    };
  });
  control = await startControl(lab);
});
afterEach(async () => {
  await control.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The id of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('commands reach the lab through its state file', async () => {
  const file = await claimStateFile(path);
  await file.publish(control);
  const call = (method: string, route: string, body?: unknown) => callLab(method, route, body, path);
  expect(await call('GET', '/status')).toEqual({ ready: true, tenants: [] });
  expect(await call('GET', '/env')).toEqual({ HTTPS_PROXY: 'x' });
  expect(await call('POST', '/token', { roles: ['Incidents.Read'] })).toEqual({
    token: 'token of home with Incidents.Read',
  });
  expect(await call('POST', '/user-token', { part: 'reader', contexts: ['c1'] })).toEqual({
    token: 'token of reader c1',
  });
  expect(await call('POST', '/sign-in-page', { address: 'a' })).toEqual({ address: 'door a' });
  await expect(call('POST', '/sign-in-page', { address: 'https://x.example/' })).rejects.toThrow(/none of/);
  await expect(call('POST', '/user-token', { part: 'king' })).rejects.toThrow(/part/);
  expect(await call('PATCH', `/entra/tenants/${TENANT}`, { hasDefender: false })).toBeUndefined();
  expect(await call('GET', '/entra/directory')).toMatchObject({ tenants: [{ hasDefender: false }] });
  expect(await call('PATCH', '/defender', { links: 'token' })).toEqual({ links: 'token' });
  expect(await call('POST', '/faults', { service: 'graph', status: 503 })).toMatchObject({ id: '1' });
  expect(lab.faults.list()).toMatchObject([{ service: 'graph', status: 503 }]);
  expect(await call('DELETE', '/faults/1')).toBeUndefined();
  expect(await call('GET', '/faults')).toEqual([]);
  await call('POST', '/stop');
  await stopped;
});

test('wrong commands are answered in words', async () => {
  const file = await claimStateFile(path);
  await file.publish(control);
  const cases: [string, string, unknown, string][] = [
    ['POST', '/faults', { service: 'graph' }, 'does nothing'],
    ['POST', '/token', { role: 'x' }, 'roles'],
    ['POST', '/user-token', { tenantId: 'x' }, 'The lab does not take that. tenantId: Invalid GUID.'],
    ['DELETE', '/faults/9', undefined, 'There is no fault rule 9.'],
    ['GET', '/nothing', undefined, 'The lab knows no GET /nothing.'],
  ];
  for (const [method, route, body, text] of cases) {
    await expect(callLab(method, route, body, path)).rejects.toMatchObject({
      code: 'lab.refused',
      message: expect.stringContaining(text),
    });
  }
});

test('nobody comes in without the key', async () => {
  await expect(callControl({ url: control.url, key: 'guess' }, 'POST', '/stop')).rejects.toThrow('key');
  const response = await fetch(`${control.url}/env`);
  expect(response.status).toBe(401);
  expect(await response.text()).not.toContain('HTTPS_PROXY');
});

test('the state file and its directory are for this user alone, and go when the lab ends', async () => {
  const file = await claimStateFile(path);
  await file.publish(control);
  await mkdir(file.directory);
  if (process.platform !== 'win32') {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  }
  await file.remove();
  expect(await readdir(dirname(path))).toEqual([]);
  await expect(callLab('GET', '/status', undefined, path)).rejects.toMatchObject({ code: 'lab.not_running' });
});

test('a second lab is refused while the first one starts and while it runs', async () => {
  const file = await claimStateFile(path);
  await expect(claimStateFile(path)).rejects.toMatchObject({ code: 'lab.already_running' });
  await expect(callLab('GET', '/status', undefined, path)).rejects.toThrow('still starting');
  await file.publish(control);
  await expect(claimStateFile(path)).rejects.toThrow(
    /A lab is already running \(process \d+, since .*\); end it with `outrider lab stop` first\./,
  );
});

test('what a dead lab has left is cleared away', async () => {
  const pid = await deadPid();
  const left = join(dirname(path), `run-${pid}`);
  await mkdir(left, { recursive: true });
  await writeFile(join(left, 'ca.pem'), 'x');
  await writeFile(path, JSON.stringify({ pid, startedAt: 'x', directory: left, control }));
  expect(await readRunningLab(path)).toBeUndefined();
  await claimStateFile(path);
  expect(await readdir(dirname(path))).toEqual(['lab.json']);
});

test('a directory that no lab made is left alone', async () => {
  const precious = join(directory, 'precious');
  await mkdir(precious);
  await mkdir(dirname(path));
  await writeFile(path, JSON.stringify({ pid: await deadPid(), startedAt: 'x', directory: precious }));
  await claimStateFile(path);
  expect(await readdir(directory)).toContain('precious');
});

test('a process id that went to somebody else does not pass for a lab', async () => {
  await mkdir(dirname(path));
  const gone = { url: control.url, key: 'of another run' };
  await writeFile(path, JSON.stringify({ pid: process.pid, startedAt: 'x', directory: 'x', control: gone }));
  expect(await readRunningLab(path)).toBeUndefined();
});

test.each(['', '{"pid":', '"text"', '{"pid":"1"}'])(
  'an unreadable state file (%s) is replaced',
  async (text) => {
    await mkdir(dirname(path));
    await writeFile(path, text);
    await claimStateFile(path);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
  },
);
