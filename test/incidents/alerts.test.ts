import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { paddedFromMs } from '../../shared/time.ts';
import { received, serviceDown } from '../support/model-source.ts';
import { expectStoreToEqualModel } from '../support/sync-expectations.ts';
import { createSyncRig } from '../support/sync-rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('alerts', () => {
  it('reads an incident again when an alert changed without moving it', async () => {
    const rig = createSyncRig();
    const incident = rig.source.upsert({
      id: 'a',
      alerts: [{ id: 'x', lastUpdate: paddedFromMs(rig.clock.now()), title: 'new' }],
    });
    await rig.settle();
    rig.clock.advance(HOUR);
    await rig.run();
    incident.alerts[0] = { id: 'x', lastUpdate: paddedFromMs(rig.clock.now()), title: 'changed' };
    rig.clock.advance(MINUTE);
    await rig.run();
    expect(rig.text('a')).toContain('changed');
    expect(rig.feed().at(-1)).toMatchObject({ id: 'a' });
  });

  it('notices when the alert changes back', async () => {
    const rig = createSyncRig();
    const incident = rig.source.upsert({
      id: 'a',
      alerts: [{ id: 'x', lastUpdate: paddedFromMs(rig.clock.now()), title: 'first' }],
    });
    const before = incident.alerts[0];
    await rig.settle();
    for (const title of ['second', 'first']) {
      rig.clock.advance(MINUTE);
      incident.alerts[0] = { id: 'x', lastUpdate: paddedFromMs(rig.clock.now()), title };
      rig.clock.advance(2_000);
      await rig.run();
    }
    expect(before).toBeDefined();
    expectStoreToEqualModel(rig);
  });

  it('goes on without them where the app role is missing, and says so', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.before = (call) => {
      if (call === 'alerts')
        throw new OutriderError('upstream.forbidden', 'SecurityAlert.Read.All is missing.');
    };
    rig.source.upsert({ id: 'a' });
    rig.clock.advance(MINUTE);
    await rig.run();
    expect(rig.record('a')).toBeDefined();
    expect(rig.state().failure?.text).toContain('SecurityAlert.Read.All');
    expect(rig.state().nextAttemptMs).toBeUndefined();
  });

  it('reads pages without alerts and incidents one by one where $expand fails', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.upsert({
      id: 'a',
      alerts: [{ id: 'x', lastUpdate: paddedFromMs(rig.clock.now()), title: 'alert' }],
    });
    rig.source.before = (call, query) => {
      if (call === 'list' && 'withAlerts' in query && query.withAlerts === true) throw serviceDown();
    };
    rig.clock.advance(MINUTE);
    expect(await rig.run()).toBe('done');
    expectStoreToEqualModel(rig);
  });

  it('stores an incident whose alerts cannot be had, says so, and completes it later', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.upsert({
      id: 'huge',
      alerts: [{ id: 'x', lastUpdate: paddedFromMs(rig.clock.now()), title: 'alert' }],
    });
    rig.source.before = (_call, query) => {
      if ('withAlerts' in query && query.withAlerts === true) throw serviceDown();
    };
    rig.clock.advance(MINUTE);
    await rig.run();
    expect(rig.record('huge')?.alerts).toBe(-1);
    rig.source.before = () => {};
    rig.clock.advance(HOUR);
    await rig.run();
    expect(rig.record('huge')?.alerts).toBe(1);
    expect(rig.state().pending).toEqual([]);
    expectStoreToEqualModel(rig);
  });
});

describe('joined alerts', () => {
  it('stands in where an incident cannot be had with its alerts, and says so', async () => {
    const rig = createSyncRig();
    await rig.settle();
    const alerts = [{ id: 'x', lastUpdate: paddedFromMs(rig.clock.now()), title: 'alert' }];
    const incident = rig.source.upsert({ id: 'huge', alerts });
    rig.source.before = (_call, query) => {
      if ('withAlerts' in query && query.withAlerts === true) throw serviceDown();
    };
    Object.assign(rig.source, {
      joinAlerts: async () => ({ ...received(incident), alertsJoined: true as const }),
    });
    rig.clock.advance(MINUTE);
    await rig.run();
    expect(rig.record('huge')).toMatchObject({ alerts: 1, alertsJoined: true });
    expect(rig.state().pending).toEqual([]);
    expectStoreToEqualModel(rig);
  });
});

describe('an alert that slips between two pages', () => {
  it('is found by the check of the pass', async () => {
    const rig = createSyncRig();
    const at = () => paddedFromMs(rig.clock.now());
    const incidents = Array.from({ length: 130 }, (_, n) =>
      rig.source.upsert({ id: `i${n}`, alerts: [{ id: `a${n}`, lastUpdate: at(), title: 'first' }] }),
    );
    await rig.settle();
    rig.clock.advance(HOUR);
    rig.source.upsert({ id: 'later' });
    await rig.settle();
    rig.clock.advance(HOUR);
    await rig.settle();
    for (const incident of incidents) {
      rig.clock.advance(10);
      incident.alerts = incident.alerts.map((alert) => ({ ...alert, lastUpdate: at(), title: 'second' }));
    }
    rig.clock.advance(2_000);
    let pages = 0;
    rig.source.before = (call) => {
      // The newest of the first page is gone: what would come first on the second moves up to it.
      if (call === 'alerts' && ++pages === 2) rig.source.incidents.delete('i129');
    };
    await rig.run();
    rig.source.before = () => {};
    expectStoreToEqualModel(rig);
  });
});
