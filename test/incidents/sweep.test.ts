import { describe, expect, it } from 'vitest';
import { paddedFromMs } from '../../shared/time.ts';
import { createSyncRig } from '../support/sync-rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('sweep', () => {
  it('finds within a day what was indexed later than any overlap, and widens the overlap', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.upsert({ id: 'very-late' });
    rig.source.hiddenUntil.set('very-late', rig.clock.now() + 8 * HOUR);
    for (let hours = 0; hours < 26; hours++) {
      rig.clock.advance(HOUR);
      rig.source.upsert({ id: 'busy', title: `after ${hours} h` });
      await rig.run();
    }
    expect(rig.record('very-late')).toBeDefined();
    expect(rig.state().counts.late).toBe(1);
    expect(rig.state().overlapMs).toBe(20 * MINUTE);
  });

  it('marks what is listed no longer, keeps it, and unmarks it when it comes back', async () => {
    const rig = createSyncRig();
    rig.source.upsert({ id: 'gone' });
    await rig.settle();
    const incident = rig.source.incidents.get('gone');
    rig.source.incidents.delete('gone');
    rig.clock.advance(25 * HOUR);
    await rig.settle();
    expect(rig.record('gone')?.notSeenSince).toBeDefined();
    if (incident)
      rig.source.incidents.set('gone', { ...incident, lastUpdate: paddedFromMs(rig.clock.now()) });
    rig.clock.advance(MINUTE);
    await rig.run();
    expect(rig.record('gone')?.notSeenSince).toBeUndefined();
  });
});
