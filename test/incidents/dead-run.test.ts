import { describe, expect, it } from 'vitest';
import { paddedFromMs } from '../../shared/time.ts';
import { dieAtWrite } from '../support/die-at-write.ts';
import { createSyncRig, type SyncRig } from '../support/sync-rig.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A tenant with a first load of many slices, the service needing a while for each answer. */
function slowLoad(secondsAnAnswer: number): SyncRig {
  const rig = createSyncRig({ maxTop: 2 });
  const born = rig.clock.now();
  for (let n = 0; n < 40; n++)
    rig.source.upsert({ id: `i${n}`, lastUpdate: paddedFromMs(born - DAY - n * HOUR) });
  rig.source.before = () => rig.clock.advance(secondsAnAnswer * SECOND);
  return rig;
}

describe('the lease of a run', () => {
  it('that died is over within a minute of its last write', async () => {
    const rig = slowLoad(1);
    await dieAtWrite(rig, 4);
    expect(await rig.run()).toBe('busy');
    rig.clock.advance(61 * SECOND);
    expect(await rig.run()).not.toBe('busy');
    await rig.settle();
    expect(rig.source.incidents.size).toBe(40);
    expect(rig.state().counts.incidents).toBe(40);
  });

  it('that works is renewed by each write', async () => {
    const rig = slowLoad(10);
    const { transact } = rig.store.table;
    const left: number[] = [];
    rig.store.table.transact = async (partition, rows) => {
      const etag = await transact(partition, rows);
      const { lease } = rig.state();
      if (lease) left.push(lease.untilMs - rig.clock.now());
      return etag;
    };
    const began = rig.clock.now();
    await rig.run();
    expect(rig.clock.now() - began).toBeGreaterThan(60 * SECOND);
    expect(left.length).toBeGreaterThan(3);
    expect(new Set(left)).toEqual(new Set([60 * SECOND]));
  });

  it('is given back when the run ends', async () => {
    const rig = slowLoad(1);
    await rig.settle();
    expect(rig.state().lease).toBeUndefined();
  });
});
