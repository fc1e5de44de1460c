import { expect } from 'vitest';
import { paddedFromMs } from '../../shared/time.ts';
import { received } from './model-source.ts';
import type { SyncRig } from './sync-rig.ts';

const DAY_MS = 24 * 3_600_000;

/** Incidents spread evenly over the days before now. */
export function seedHistory(rig: SyncRig, count: number, days = 29): void {
  for (let n = 0; n < count; n++) {
    const lastUpdate = paddedFromMs(rig.clock.now() - Math.floor(((n + 1) * days * DAY_MS) / (count + 1)));
    rig.source.upsert({ id: `old-${n}`, lastUpdate, created: lastUpdate });
  }
}

/** Every incident that is listed is stored, as it is. */
export function expectStoreToEqualModel(rig: SyncRig): void {
  for (const incident of rig.source.incidents.values()) {
    expect(rig.text(incident.id), `incident ${incident.id}`).toBe(received(incident).text);
  }
}
