import { describe, expect, it } from 'vitest';
import { createTurns } from '../../shared/concurrency.ts';
import { OutriderError } from '../../shared/errors.ts';
import { runSync } from '../../shared/incidents/run.ts';
import { paddedFromMs } from '../../shared/time.ts';
import { expectStoreToEqualModel, seedHistory } from '../support/sync-expectations.ts';
import { createSyncRig } from '../support/sync-rig.ts';
import { TENANT_ID } from '../support/tenant-with.ts';

const HOUR = 3_600_000;

describe('large incidents', () => {
  it('come by smaller and smaller pages, whole', async () => {
    const rig = createSyncRig();
    seedHistory(rig, 60);
    const refused: number[] = [];
    let bare = 0;
    rig.source.before = (call, query) => {
      if (call !== 'list') return;
      const { top, withAlerts } = query as { top: number; withAlerts: boolean };
      // The first call of all only asks for the time.
      if (!withAlerts && top > 1) bare++;
      if (top <= 3 || !withAlerts) return;
      refused.push(top);
      throw new OutriderError('upstream.too_large', 'The answer is larger than 12 MB.');
    };
    await rig.settle();
    expectStoreToEqualModel(rig);
    expect(bare).toBe(0);
    expect(rig.source.calls.get).toBe(0);
    expect(refused.slice(0, 2)).toEqual([50, 12]);
    expect(rig.state().pending).toEqual([]);
  });

  it('are read and stored in turn with other tenants that have them, and with new ones', async () => {
    const large = createSyncRig();
    const usual = createSyncRig();
    let turns = 0;
    const one = createTurns(1);
    const largeTurns = {
      run: <Result>(work: () => Promise<Result>) => {
        turns++;
        return one.run(work);
      },
    };
    usual.source.upsert({ id: 'u', lastUpdate: paddedFromMs(usual.clock.now() - HOUR) });
    await runSync({ ...usual.dependencies, largeTurns }, { tenantId: TENANT_ID });
    // Nothing had told the size of its incidents.
    expect(turns).toBeGreaterThan(0);
    turns = 0;
    usual.source.upsert({ id: 'u', lastUpdate: paddedFromMs(usual.clock.now()), title: 'changed' });
    await runSync({ ...usual.dependencies, largeTurns }, { tenantId: TENANT_ID });
    expect(turns).toBe(0);
    for (let n = 0; n < 3; n++) {
      const lastUpdate = paddedFromMs(large.clock.now() - (n + 1) * HOUR);
      large.source.upsert({ id: `l${n}`, lastUpdate, title: 'x'.repeat(600_000) });
    }
    await runSync({ ...large.dependencies, largeTurns }, { tenantId: TENANT_ID });
    expectStoreToEqualModel(large);
    expect(turns).toBeGreaterThan(2);
  });

  it('that change all at once are stored a few at a time', async () => {
    const rig = createSyncRig();
    for (let n = 0; n < 30; n++)
      rig.source.upsert({
        id: `i${n}`,
        alerts: [{ id: `a${n}`, lastUpdate: paddedFromMs(rig.clock.now()), title: 'a' }],
      });
    await rig.settle();
    rig.clock.advance(HOUR);
    // From now on head does not see the others any more.
    rig.source.upsert({ id: 'newer' });
    await rig.settle();
    rig.clock.advance(HOUR);
    let held = 0;
    let most = 0;
    for (const incident of rig.source.incidents.values()) {
      // The alert alone changes: the incident is to be read by id.
      incident.alerts = incident.alerts.map((alert) => ({
        ...alert,
        lastUpdate: paddedFromMs(rig.clock.now()),
        title: 'b',
      }));
    }
    rig.source.before = (call) => {
      if (call === 'get') most = Math.max(most, ++held);
    };
    const { blobs } = rig.dependencies;
    const counted = {
      ...blobs,
      put: (...blob: Parameters<typeof blobs.put>) => {
        held--;
        return blobs.put(...blob);
      },
    };
    await runSync({ ...rig.dependencies, blobs: counted }, { tenantId: TENANT_ID });
    expect(rig.text('i7')).toContain('"b"');
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(4);
  });
});
