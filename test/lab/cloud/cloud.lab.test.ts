import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, startCloud } from '../../../lab/cloud.ts';
import { processEnvironment } from '../../../lab/environment.ts';
import { probe } from '../../../lab/probe.ts';

const run = promisify(execFile);
const CUSTOMER = fileURLToPath(new URL('./fixtures/customer.ts', import.meta.url));

let cloud: Cloud;
const secrets: string[] = [];
beforeAll(async () => {
  cloud = await startCloud({ onSecret: (secret) => secrets.push(secret) });
});
afterAll(() => cloud.stop());

/** Runs Node in the lab with nothing but the lab's environment and this machine's own. */
async function inLab(...args: string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, args, { env: processEnvironment(cloud.env, process.env) });
  return JSON.parse(stdout);
}

async function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

describe('a whole cloud', () => {
  test('real libraries sign in, read incidents and write to storage by the environment alone', async () => {
    const [graph, xdr] = cloud.world.tenants;
    if (graph === undefined || xdr === undefined) throw new Error('The default world has two tenants.');
    const made = [graph, xdr].map(
      ({ id }) => cloud.defender.tenant(id).createIncident({ displayName: 'Test' }).id,
    );
    const before = cloud.refused().length;

    expect(await inLab(CUSTOMER)).toEqual({
      incidents: made.map((id) => [id]),
      rows: [graph.id, xdr.id].sort(),
      vaultIdentityOnStorage: 403,
      storageIdentityOnVault: 403,
    });
    expect(cloud.refused().slice(before)).toEqual([]);
    expect(cloud.tenants()).toMatchObject([
      { id: graph.id, name: 'Fabrikam', api: 'graph', apiCalls: 1, storageOps: 1 },
      { id: xdr.id, name: 'Northwind Traders', api: 'xdr', apiCalls: 1, storageOps: 1 },
    ]);
  });

  test('the managed identity endpoint can be put in trouble like any other service', async () => {
    const { endpoint, header } = cloud.identity;
    const ask = () =>
      fetch(
        `${endpoint}?api-version=2019-08-01&resource=https://vault.azure.net&client_id=${cloud.world.identities.vault.clientId}`,
        {
          headers: { 'x-identity-header': header },
        },
      );
    const { id } = cloud.faults.add({ service: 'identity', status: 503, retryAfter: 1, times: 1 });
    expect((await ask()).status).toBe(503);
    expect((await ask()).status).toBe(200);
    cloud.faults.remove(id);
    expect(cloud.log.callsTo(['identity'], cloud.world.home.id)).toBeGreaterThanOrEqual(2);
    expect(cloud.log.entries().at(-1)?.path).not.toContain(cloud.world.identities.vault.clientId);
    expect(() => cloud.faults.add({ service: 'storage', status: 503 })).toThrow(
      'there are entra, vault, graph, xdr, blob, queue, table, identity',
    );
  });

  test('a caller’s token verifies against the keys that the lab publishes', async () => {
    const { home, api } = cloud.world;
    const keys = await inLab(
      '-e',
      `fetch('https://login.microsoftonline.com/${home.id}/discovery/v2.0/keys').then((r) => r.json()).then((k) => console.log(JSON.stringify(k)))`,
    );
    const token = await cloud.token(['Incidents.Read']);
    const { payload } = await jwtVerify(
      token,
      createLocalJWKSet(keys as Parameters<typeof createLocalJWKSet>[0]),
      {
        issuer: `https://login.microsoftonline.com/${home.id}/v2.0`,
        audience: api.clientId,
      },
    );
    expect(payload).toMatchObject({ roles: ['Incidents.Read'], tid: home.id });
  });

  test('what goes astray is on record, the lab’s own probe is not', async () => {
    const env = processEnvironment(cloud.env, process.env);
    await probe({ execPath: process.execPath, env, refused: cloud.allRefused });
    expect(cloud.refused()).toEqual([]);
    await inLab('-e', `fetch('https://example.com/').catch(() => console.log('1'))`);
    expect(cloud.refused().map(({ target }) => target)).toEqual(['example.com:443']);
  });

  test('no secret shows in the log', async () => {
    const log = JSON.stringify([cloud.log.entries(), cloud.refused()]);
    expect(secrets.length).toBeGreaterThan(5);
    for (const secret of secrets) expect(log).not.toContain(secret);
  });

  test('nothing is left of it when it has stopped', async () => {
    const pid = cloud.azurite.pid() ?? 0;
    const addresses = [cloud.env.HTTPS_PROXY ?? '', cloud.identity.endpoint];
    for (const address of addresses) expect(await isOpen(address)).toBe(true);
    await Promise.all([cloud.stop(), cloud.stop()]);
    for (const address of addresses) expect(await isOpen(address)).toBe(false);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(access(dirname(cloud.authority.file))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
