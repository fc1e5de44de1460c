import { expect, it } from 'vitest';
import { createPreflights } from '../../shared/app-preflight.ts';
import type { Transport } from '../../shared/clients/transport.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { OutriderError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { tenantMessage } from '../../shared/tenant-message.ts';
import { testTenant } from '../auth/source-fixture.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { allRoles, TENANT_ID } from './rig.ts';

const tokenFor = (roles: readonly string[]): string =>
  `e30.${Buffer.from(JSON.stringify({ idtyp: 'app', appid: 'a', roles })).toString('base64url')}.x`;

function createRig(token: () => string = () => tokenFor([...allRoles('graph'), ...allRoles('mde')])) {
  const clock = createVirtualClock();
  const { table } = createMemoryStore(clock);
  const asked: string[] = [];
  const tenant = testTenant(TENANT_ID, { generation: 1 });
  const transport: Transport = {
    async send({ method, url, turn }) {
      await turn?.();
      asked.push(`${method} ${new URL(url).pathname}`);
      return { status: 200, headers: {}, text: '{}', bytes: 2, serviceTime: '' as never };
    },
    open: () => Promise.reject(new Error('no stream')),
  };
  const events: { event: string; fields: object | undefined }[] = [];
  const note = (event: string, fields?: object) => void events.push({ event, fields });
  const log: Log = { info: note, warn: note, error: note };
  const find = async (id: string) => (id === TENANT_ID ? tenant : undefined);
  const preflights = createPreflights({
    config: { cloud: CLOUDS.global, api: undefined, apiCredential: undefined, storage: {} as never },
    clock,
    tokens: { getToken: async () => token(), credentialExpiry: async () => undefined },
    transport: () => transport,
    tenants: { list: async () => [tenant], get: find, getFresh: find },
    table: () => table,
    huntTable: () => table,
  });
  return { clock, preflights, asked, tenant, events, log };
}

it('asked again and again, a tenant is looked at every ten seconds at most, and what was found is kept', async () => {
  const { clock, preflights, asked, tenant } = createRig();
  const all = await Promise.all([1, 2, 3].map(() => preflights.checkAndKeep(tenant)));
  expect(new Set(all).size).toBe(1);
  expect(asked).toHaveLength(5);
  clock.advance(9_999);
  expect(await preflights.checkAndKeep(tenant)).toBe(all[0]);
  clock.advance(1);
  expect(await preflights.checkAndKeep(tenant)).not.toBe(all[0]);
  expect(asked).toHaveLength(10);
  expect(await preflights.last(tenant)).toMatchObject({ ok: true });
});

it('what failed for our own trouble is not remembered', async () => {
  let fails = true;
  const { preflights, tenant } = createRig(() => {
    if (fails) throw new OutriderError('storage.unavailable', 'away');
    return tokenFor(allRoles('graph'));
  });
  await expect(preflights.checkAndKeep(tenant)).rejects.toMatchObject({ code: 'storage.unavailable' });
  fails = false;
  expect(await preflights.checkAndKeep(tenant)).toMatchObject({ ok: false });
});

it('a message has its tenant looked at; one that is not ours, or of a tenant that is gone, is let go', async () => {
  const { preflights, asked, events, log } = createRig();
  await preflights.checkFromMessage(log, tenantMessage(TENANT_ID));
  expect(events).toEqual([
    {
      event: 'preflight.done',
      fields: expect.objectContaining({ tenant: TENANT_ID, ok: true, incidents: 'ok' }),
    },
  ]);
  const before = asked.length;
  await preflights.checkFromMessage(log, '{"v":2}');
  await preflights.checkFromMessage(log, tenantMessage('10000000-0000-4000-8000-000000000009'));
  expect(asked).toHaveLength(before);
  expect(events.slice(1).map(({ event }) => event)).toEqual([
    'preflight.foreign_message',
    'preflight.not_in_service',
  ]);
});
