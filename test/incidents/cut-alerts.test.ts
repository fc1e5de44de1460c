import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import type { Page, ReceivedIncident } from '../../shared/incidents/ports.ts';
import { paddedFromMs } from '../../shared/time.ts';
import { type ModelIncident, received } from '../support/model-source.ts';
import { expectStoreToEqualModel } from '../support/sync-expectations.ts';
import { createSyncRig, type SyncRig } from '../support/sync-rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LIMIT = 12;

/** The incident as a service shows it that stops at so many alerts without a word. */
function cut(incident: ModelIncident): ReceivedIncident {
  const shown = received({ ...incident, alerts: incident.alerts.slice(0, LIMIT) });
  return { ...shown, alertIds: new Set(incident.alerts.slice(0, LIMIT).map(({ id }) => id)) };
}

function cutting(): SyncRig {
  const rig = createSyncRig();
  const { source } = rig;
  const { incidentPages, incident } = source;
  const shownAs = (item: ReceivedIncident, withAlerts: boolean): ReceivedIncident => {
    const model = source.incidents.get(item.id);
    return model && withAlerts ? cut(model) : item;
  };
  async function* pages(query: Parameters<typeof incidentPages>[0]): AsyncGenerator<Page<ReceivedIncident>> {
    for await (const page of incidentPages(query)) {
      yield { ...page, items: page.items.map((item) => shownAs(item, query.withAlerts)) };
    }
  }
  Object.assign(source, {
    incidentPages: pages,
    async incident(query: Parameters<typeof incident>[0]) {
      const answer = await incident(query);
      if (!answer.incident) return answer;
      return { ...answer, incident: shownAs(answer.incident, query.withAlerts ?? true) };
    },
    async joinAlerts({ incident: { id } }: { incident: ReceivedIncident }) {
      const model = source.incidents.get(id);
      if (!model) throw new Error('no such incident');
      return { ...received(model), alertsJoined: true };
    },
  });
  return rig;
}

function alerts(rig: SyncRig, incident: string, count: number): ModelIncident['alerts'] {
  const lastUpdate = paddedFromMs(rig.clock.now());
  return Array.from({ length: count }, (_, n) => ({
    id: `${incident}-${n}`,
    lastUpdate,
    title: `alert ${n}`,
  }));
}

describe('a service that leaves alerts out without a word', () => {
  it('is found out by the list of alerts; then all incidents with as many are completed', async () => {
    const rig = cutting();
    rig.source.upsert({ id: 'old', alerts: alerts(rig, 'old', 30) });
    rig.source.upsert({ id: 'small', alerts: alerts(rig, 'small', 5) });
    rig.clock.advance(24 * HOUR);
    await rig.settle();
    expect(rig.record('old')?.alerts).toBe(LIMIT);
    rig.source.upsert({ id: 'new', alerts: alerts(rig, 'new', 20) });
    rig.clock.advance(MINUTE);
    await rig.settle();
    expect(rig.state().expandLimit).toBe(LIMIT);
    expect(rig.record('new')).toMatchObject({ alerts: 20, alertsJoined: true });
    expect(rig.record('old')).toMatchObject({ alerts: 30, alertsJoined: true });
    expectStoreToEqualModel(rig);
  });

  it('does not take them away again, whatever is read later', async () => {
    const rig = cutting();
    await rig.settle();
    const incident = rig.source.upsert({ id: 'a', alerts: alerts(rig, 'a', 20) });
    for (const title of ['one', 'two', 'three']) {
      rig.clock.advance(5 * MINUTE);
      rig.source.upsert({ ...incident, title, lastUpdate: paddedFromMs(rig.clock.now()) });
      await rig.settle();
      expect(rig.record('a')).toMatchObject({ title, alerts: 20 });
    }
    const before = rig.feed().length;
    rig.clock.advance(5 * MINUTE);
    await rig.settle();
    expect(rig.feed()).toHaveLength(before);
    expectStoreToEqualModel(rig);
  });

  it('is not suspected because of an alert that the incident does not show yet', async () => {
    const rig = cutting();
    await rig.settle();
    const incident = rig.source.upsert({ id: 'a', alerts: alerts(rig, 'a', 2) });
    const shown = {
      ...received({ ...incident, alerts: incident.alerts.slice(0, 1) }),
      alertIds: new Set(['a-0']),
    };
    const { incident: get } = rig.source;
    Object.assign(rig.source, {
      incident: async () => ({ incident: shown, serviceTime: paddedFromMs(rig.clock.now()) }),
    });
    rig.clock.advance(MINUTE);
    await rig.run();
    Object.assign(rig.source, { incident: get });
    expect(rig.state().expandLimit).toBeUndefined();
    expect(rig.record('a')?.alerts).toBe(2);
  });

  it('waits for what the service has not joined yet, and reads it again', async () => {
    const rig = cutting();
    await rig.settle();
    const incident = rig.source.upsert({ id: 'a', alerts: alerts(rig, 'a', 2) });
    const { incidentPages } = rig.source;
    const early = {
      ...received({ ...incident, alerts: incident.alerts.slice(0, 1) }),
      alertIds: new Set(['a-0']),
    };
    rig.source.incidentPages = async function* (query) {
      for await (const page of incidentPages(query)) yield { ...page, items: page.items.map(() => early) };
    };
    rig.clock.advance(MINUTE);
    await rig.run();
    expect(rig.record('a')?.alerts).toBe(1);
    expect(rig.state().pending).toMatchObject([{ id: 'a' }]);
    rig.source.incidentPages = incidentPages;
    rig.clock.advance(HOUR);
    await rig.run();
    expect(rig.record('a')?.alerts).toBe(2);
  });
});

describe('links that die whenever they are followed', () => {
  it('do not stop a tenant: slices need none', async () => {
    const rig = createSyncRig({ maxTop: 3 });
    await rig.settle();
    for (let n = 0; n < 10; n++) {
      rig.clock.advance(1_000);
      rig.source.upsert({ id: `i${n}`, alerts: alerts(rig, `i${n}`, 1) });
    }
    let lists = 0;
    const { incidentPages } = rig.source;
    rig.source.incidentPages = async function* (query) {
      lists++;
      for await (const page of incidentPages(query)) {
        yield page;
        if (page.hasMore) throw new OutriderError('upstream.link_expired', 'The link is dead.');
      }
    };
    rig.clock.advance(MINUTE);
    await rig.settle();
    expectStoreToEqualModel(rig);
    expect(new Set(rig.feed().map(({ id }) => id)).size).toBe(10);
    expect(lists).toBeLessThan(60);
  });
});
