import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createOutrider } from '../../shared/app.ts';
import { advance, advanceToMorning, hurriedClock } from './moving-time.ts';
import { HOUR, MINUTE, type SyncedTenant, type SyncLab, startSyncLab } from './sync-lab.ts';

let lab: SyncLab;
beforeAll(async () => {
  advanceToMorning();
  lab = await startSyncLab({ tenants: 34 });
});
afterEach(() => lab.calm());
afterAll(() => lab.stop());

/** A tenant with a little history, loaded, and quiet for an hour. */
async function loaded(): Promise<SyncedTenant> {
  const tenant = lab.tenant();
  tenant.live.generator.seedHistory(5, 20);
  advance(HOUR);
  await tenant.settle();
  return tenant;
}

/** More incidents than a page holds. */
const CROWD = 52;

function crowd({ live }: SyncedTenant): void {
  for (let n = 0; n < CROWD; n++) {
    advance(500);
    live.createIncident({ displayName: `One of many, ${n}` });
  }
  advance(2_000);
}

/** Hours in which one incident changes again and again, so that the watermark moves on. */
async function busy(tenant: SyncedTenant, id: string, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    advance(HOUR);
    tenant.live.updateIncident(id, { displayName: `After one more hour, ${hour}` });
    advance(2_000);
    await tenant.settle();
  }
}

describe('late arrivals', () => {
  test('inside the overlap are seen by the forward pass itself', async () => {
    const tenant = await loaded();
    const late = tenant.live.appearLate({ displayName: 'Indexed late' }, 6 * MINUTE);
    advance(3 * MINUTE);
    tenant.live.createIncident();
    advance(2_000);
    await tenant.run();
    expect((await tenant.state()).head?.watermark.localeCompare(late.lastUpdateDateTime)).toBe(1);
    expect(await tenant.record(late.id)).toBeUndefined();
    advance(3 * MINUTE);
    await tenant.run();
    await tenant.expectSame();
    expect((await tenant.state()).counts.late).toBe(1);
  });

  test('beyond it are found by the sweep, counted, and widen the overlap', async () => {
    const tenant = await loaded();
    const { overlapMs } = await tenant.state();
    const { id } = tenant.live.createIncident();
    const late = tenant.live.appearLate({ displayName: 'Indexed very late' }, 8 * HOUR);
    await busy(tenant, id, 9);
    expect(tenant.live.listedIds('graph')).toContain(late.id);
    expect(await tenant.record(late.id)).toBeUndefined();
    await busy(tenant, id, 16);
    await tenant.expectSame();
    const { counts, overlapMs: wider } = await tenant.state();
    expect(counts.late).toBe(1);
    expect(wider).toBe(2 * overlapMs);
    expect((await tenant.feed()).filter((change) => change.id === late.id)).toHaveLength(1);
  });
});

describe('the sweep', () => {
  test('marks what vanished, keeps it, and takes the mark away when it is back', async () => {
    const tenant = await loaded();
    const { id } = tenant.live.createIncident({ alerts: [{}] });
    advance(2_000);
    await tenant.run();
    const before = tenant.live.get(id);
    const source = await tenant.source(id);
    tenant.live.remove(id);
    advance(25 * HOUR);
    await tenant.settle();
    await tenant.expectSame();
    expect((await tenant.record(id))?.notSeenSince).toBeDefined();
    expect(await tenant.source(id)).toBe(source);
    const { incidents } = (await tenant.state()).counts;
    if (before) tenant.live.createIncident(before);
    advance(25 * HOUR);
    await tenant.settle();
    await tenant.expectSame();
    expect((await tenant.record(id))?.notSeenSince).toBeUndefined();
    expect((await tenant.state()).counts.incidents).toBe(incidents);
  });
});

describe('a list that changes while it is read', () => {
  test.each([
    ['created', 'change'],
    ['created', 'remove'],
    ['updated', 'arrive'],
    ['updated', 'remove'],
  ] as const)('newest %s first, and before the second page incidents %s', async (order, pageShift) => {
    const { settings } = lab.cloud.defender;
    settings.orderBy = order === 'created' ? 'createdDateTime' : 'lastUpdateDateTime';
    const tenant = await loaded();
    crowd(tenant);
    const all = tenant.live.listedIds('graph');
    settings.pageShift = pageShift;
    await tenant.run();
    settings.pageShift = 'none';
    // What the shift does: one more; one that jumps ahead; one less, and another one that fell between the pages.
    expect(tenant.live.listedIds('graph').length - all.length).toBe(
      { arrive: 1, change: 0, remove: -1 }[pageShift],
    );
    expect((await tenant.state()).counts.late).toBe(pageShift === 'remove' ? 1 : 0);
    advance(2 * HOUR);
    await tenant.settle();
    await tenant.expectSame();
    const versions = (await tenant.feed()).map(({ id, version }) => `${id} ${version}`);
    expect(new Set(versions).size).toBe(versions.length);
    expect(versions.length).toBeGreaterThanOrEqual(CROWD);
  });

  test('a link that has died is a reason to start over', async () => {
    const { settings } = lab.cloud.defender;
    Object.assign(settings, { links: 'token', expiredTokenStatus: 400 });
    const tenant = await loaded();
    crowd(tenant);
    let begun = 0;
    settings.beforeListRead = ({ collection, skip }) => {
      if (collection !== 'incidents' || skip > 0) return;
      // The first link is dead before it is followed, the second one lives for ever.
      settings.tokenLifeMs = begun++ === 0 ? -1 : null;
    };
    const requests = await tenant.requestsOf(() => tenant.run());
    expect(requests.filter((request) => request.status === 400)).toHaveLength(1);
    expect(
      lab.events.filter(({ event, fields }) => event === 'sync.page_reduced' && fields.tenant === tenant.id),
    ).toEqual([]);
    await tenant.expectSame();
    expect(await tenant.feed()).toHaveLength(CROWD);
  });
});

describe('a clock of our own that is wrong', () => {
  test.each([-20, 20])('by %d minutes changes nothing: only the service’s time counts', async (minutes) => {
    const tenant = lab.tenant();
    tenant.live.generator.seedHistory(10, 20);
    const now = (): number => Date.now() + minutes * MINUTE;
    const outrider = createOutrider(lab.outrider.config, { ...hurriedClock, now });
    const run = () => outrider.syncFromMessage(lab.log, { v: 1, tenant: tenant.id });
    advance(HOUR);
    await run();
    const late = tenant.live.appearLate({ displayName: 'Indexed late' }, 6 * MINUTE);
    for (let round = 0; round < 4; round++) {
      advance(3 * MINUTE);
      const { lastUpdateDateTime } = tenant.live.createIncident();
      advance(2_000);
      await run();
      expect((await tenant.state()).head?.watermark).toBe(lastUpdateDateTime);
    }
    expect(await tenant.record(late.id)).toBeDefined();
    await tenant.expectSame();
    expect((await tenant.state()).failure).toBeUndefined();
    expect(await tenant.feed()).toHaveLength(5);
  });
});

describe('the list of the Defender XDR API', () => {
  test('loses an incident between two pages; the sweep has it', async () => {
    const tenant = lab.tenant('xdr');
    await tenant.settle();
    for (let n = 0; n < 110; n++) tenant.live.createIncident();
    advance(2_000);
    lab.cloud.defender.settings.pageShift = 'remove';
    const requests = await tenant.requestsOf(() => tenant.run());
    lab.cloud.defender.settings.pageShift = 'none';
    expect(requests.filter(({ path }) => /skip=/i.test(path))).not.toEqual([]);
    expect(tenant.live.listedIds('xdr').length).toBeLessThan(110);
    advance(2 * HOUR);
    await tenant.settle();
    for (const id of tenant.live.listedIds('xdr')) expect(await tenant.record(id)).toBeDefined();
  });

  test('shows an alert that changed without its incident to the daily sweep', async () => {
    const tenant = lab.tenant('xdr');
    await tenant.settle();
    const { id, alerts } = tenant.live.createIncident({ alerts: [{ title: 'One' }] });
    advance(MINUTE);
    tenant.live.createIncident();
    advance(2_000);
    await tenant.run();
    advance(HOUR);
    await tenant.run();
    lab.cloud.defender.settings.alertChangesMoveIncident = false;
    tenant.live.updateAlert(alerts[0]?.id ?? '', { status: 'resolved' });
    advance(25 * HOUR);
    await tenant.settle();
    const [alert] = JSON.parse(await tenant.source(id)).alerts;
    expect(alert.status).toBe('Resolved');
    expect((await tenant.feed()).filter((change) => change.id === id)).toHaveLength(2);
  });
});

describe('what is said another way', () => {
  test('shuffled arrays and other ETags make no new version', async () => {
    Object.assign(lab.cloud.defender.settings, { shuffleArrays: true, changingEtags: true });
    const tenant = await loaded();
    const { id } = tenant.live.generator.storm(30);
    tenant.live.generator.storm(12);
    tenant.live.addComment(id, 'One.', 'ana@contoso.example');
    tenant.live.addComment(id, 'Two.', 'ben@contoso.example');
    advance(2_000);
    await tenant.run();
    const { versions } = (await tenant.state()).counts;
    for (let reads = 0; reads < 3; reads++) {
      advance(2 * MINUTE);
      await tenant.run();
    }
    advance(26 * HOUR);
    await tenant.settle();
    expect((await tenant.state()).counts.versions).toBe(versions);
    expect(await tenant.feed()).toHaveLength(2);
  });

  test('times with fewer digits are the same times', async () => {
    const tenant = await loaded();
    const { id, lastUpdateDateTime } = tenant.live.createIncident({
      lastUpdateDateTime: `${new Date(Date.now()).toISOString().slice(0, 19)}.1200000Z`,
    });
    lab.cloud.defender.settings.timeDigits = 'trimmed';
    advance(2_000);
    await tenant.run();
    expect(await tenant.source(id)).toContain('.12Z"');
    expect((await tenant.record(id))?.lastUpdate).toBe(lastUpdateDateTime);
    advance(26 * HOUR);
    await tenant.settle();
    expect(await tenant.feed()).toHaveLength(1);
  });
});
