import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tenantMessage } from '../../shared/tenant-message.ts';
import { advance, advanceToMorning } from '../e2e/moving-time.ts';
import { HOUR, MINUTE, type SyncedTenant, type SyncLab, startSyncLab } from '../e2e/sync-lab.ts';

/** As many as need two transactions; for blobs and messages a few will do. */
const MANY = 22;
const FEW = 8;
/** Texts that are read of those on a feed. */
const SAMPLES = 5;
const TABLE = { service: 'table', method: 'POST', retryAfter: 0 };
const BLOB = { service: 'blob', method: 'PUT' };

let lab: SyncLab;
beforeAll(async () => {
  advanceToMorning();
  lab = await startSyncLab({ tenants: 20 });
});
afterEach(() => lab.calm());
afterAll(() => lab.stop());

async function loaded(): Promise<SyncedTenant> {
  const tenant = lab.tenant();
  tenant.live.createIncident();
  advance(HOUR);
  await tenant.settle();
  return tenant;
}

function eventsOf(tenant: SyncedTenant, name: string) {
  return lab.events.filter(({ event, fields }) => event === name && fields.tenant === tenant.id);
}

async function statusOf({ id }: SyncedTenant) {
  return lab.outrider.incidents.status(await lab.outrider.tenant(id));
}

/** Each version is on the feed once, and each of them can be read. */
async function expectFeed(tenant: SyncedTenant, versions: number): Promise<void> {
  const feed = await tenant.feed();
  expect(feed).toHaveLength(versions);
  expect(new Set(feed.map(({ id, version }) => `${id} ${version}`)).size).toBe(versions);
  for (const { id } of feed.slice(-SAMPLES))
    expect(JSON.parse(await tenant.source(id))).toMatchObject({ id });
}

describe('storage fails in the middle of a sync', () => {
  test.each([
    ['blobs: no room', FEW, { ...BLOB, status: 507, code: 'InsufficientStorage' }, 'storage.full'],
    ['blobs: a role is missing', FEW, { ...BLOB, status: 403 }, 'storage.refused'],
    [
      'rows: the account is disabled',
      MANY,
      { ...TABLE, status: 403, code: 'AccountIsDisabled' },
      'storage.full',
    ],
    ['rows: too busy', MANY, { ...TABLE, status: 503, code: 'ServerBusy' }, 'storage.unavailable'],
    ['rows: too large', MANY, { ...TABLE, status: 413, code: 'RequestBodyTooLarge' }, 'storage.unavailable'],
  ])(
    '%s: what is stored is whole, the watermark stays, the same message’s next try brings the rest',
    async (_what, count, fault, code) => {
      const tenant = await loaded();
      const { head } = await tenant.state();
      for (let n = 0; n < count; n++) tenant.live.createIncident();
      advance(MINUTE);
      // Half of the blobs, or the first transaction, get through.
      const after = fault.service === 'blob' ? count / 2 : 1;
      lab.cloud.faults.add({ ...fault, after, tenant: tenant.id });
      const message = tenantMessage(tenant.id);
      const handle = () => lab.outrider.syncFromMessage(lab.log, message, `message of ${tenant.id}`);
      await expect(handle()).rejects.toMatchObject({ code });
      expect((await tenant.state()).head).toEqual(head);
      const stored = (await tenant.feed()).length;
      expect(stored).toBeLessThan(count);
      if (fault.service === 'table') expect(stored).toBeGreaterThan(0);
      await expectFeed(tenant, stored);
      lab.calm();
      await handle();
      await tenant.expectSame();
      await expectFeed(tenant, count);
      expect(eventsOf(tenant, 'sync.fenced')).toEqual([]);
    },
  );

  test('for good: the message is given up, which is recorded and announced; the next one mends it', async () => {
    const tenant = await loaded();
    tenant.live.createIncident();
    advance(MINUTE);
    lab.cloud.faults.add({ ...BLOB, status: 507, tenant: tenant.id });
    await expect(tenant.run()).rejects.toMatchObject({ code: 'storage.full' });
    await lab.outrider.recordPoisoned(lab.log, tenantMessage(tenant.id));
    expect(eventsOf(tenant, 'sync.poisoned')).toMatchObject([{ level: 'error' }]);
    expect(await statusOf(tenant)).toMatchObject({
      state: 'failing',
      failing: { runs: 1, code: 'internal', text: expect.stringContaining(tenant.id) },
    });
    lab.calm();
    advance(5 * MINUTE);
    await tenant.run();
    expect(await statusOf(tenant)).toMatchObject({ state: 'current', failing: undefined });
    await tenant.expectSame();
    await expectFeed(tenant, 1);
  });

  test('a run that cannot be asked for, its message not being taken, is asked for by the next try', async () => {
    const tenant = await loaded();
    lab.cloud.faults.add({
      service: 'queue',
      method: 'POST',
      tenant: tenant.id,
      status: 403,
      code: 'StorageAccountQuotaExceeded',
    });
    const directory = await lab.outrider.tenant(tenant.id);
    await expect(lab.outrider.incidents.requestRun(directory)).rejects.toMatchObject({
      code: 'storage.full',
    });
    const { run } = await statusOf(tenant);
    lab.calm();
    const sent = await tenant.requestsOf(async () => {
      expect(await lab.outrider.incidents.requestRun(directory)).toBe(run);
    });
    expect(sent.filter(({ service, status }) => service === 'queue' && status === 201)).toHaveLength(1);
    await tenant.run();
    expect((await tenant.state()).lastRun?.id).toBe(run);
  });
});

describe('messages of a tenant', () => {
  test('that come twice, at the same time, and in any order with another’s, bring each version once', async () => {
    const [one, two] = [await loaded(), await loaded()];
    for (let n = 0; n < FEW; n++) for (const { live } of [one, two]) live.createIncident();
    advance(MINUTE);
    const order = [one, two, two, one, one, two];
    await Promise.all(
      // Two with one id: a message that the queue has given out twice.
      order.map(({ id }, place) =>
        lab.outrider.syncFromMessage(lab.log, tenantMessage(id), `${id} ${place % 3}`),
      ),
    );
    for (const tenant of [one, two]) {
      await tenant.settle();
      await tenant.expectSame();
      await expectFeed(tenant, FEW);
      const { counts, nextSequence } = await tenant.state();
      expect(counts.versions).toBe(nextSequence - 1);
    }
  });

  test('that come hours late, and after newer ones, bring what is new then and undo nothing', async () => {
    const tenant = await loaded();
    const late = tenantMessage(tenant.id);
    const { id } = tenant.live.createIncident();
    advance(MINUTE);
    await tenant.run();
    advance(5 * HOUR);
    tenant.live.updateIncident(id, { displayName: 'Changed since' });
    advance(MINUTE);
    await lab.outrider.syncFromMessage(lab.log, late, 'late');
    await lab.outrider.syncFromMessage(lab.log, late, 'later');
    await tenant.expectSame();
    await expectFeed(tenant, 2);
  });
});
