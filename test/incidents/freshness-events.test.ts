import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { enqueueDue } from '../../shared/incidents/schedule.ts';
import type { Log, LogFields } from '../../shared/log.ts';
import { createConfiguredTenants } from '../../shared/tenants-from-config.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createSyncRig, type SyncRig } from '../support/sync-rig.ts';
import { tenantWith } from '../support/tenant-with.ts';

const MINUTE = 60_000;
/** Application Insights cuts a message there. */
const LONGEST_MESSAGE = 32_768;

const ends = (rig: SyncRig): unknown[] =>
  rig.events
    .filter(({ event }) => event === 'sync.run' || event === 'sync.run_failed')
    .map(({ event, fields }) => [event, (fields as LogFields).fresh]);

describe('whether a tenant is fresh, as alerts learn it from the log', () => {
  it('is so after a run that read what is new, whatever else was refused', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.before = (call) => {
      if (call === 'alerts') throw new OutriderError('upstream.forbidden', 'a role is missing');
    };
    rig.clock.advance(MINUTE);
    await rig.run();
    expect(ends(rig)[0]).toEqual(['sync.run', true]);
    expect(ends(rig).at(-1)).toEqual(['sync.run_failed', true]);
  });

  it('is not so after a run that could not read what is new', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.before = () => {
      throw new OutriderError('upstream.unavailable', 'the service is down');
    };
    rig.clock.advance(MINUTE);
    await rig.run();
    expect(ends(rig).at(-1)).toEqual(['sync.run_failed', false]);
  });
});

describe('what the timer says of each tick', () => {
  async function tick(count: number): Promise<LogFields[]> {
    const said: LogFields[] = [];
    const log: Log = {
      info: (event, fields = {}) => void said.push({ event, ...fields }),
      warn: () => {},
      error: () => {},
    };
    const tenants = createConfiguredTenants(
      Array.from({ length: count }, (_, n) =>
        tenantWith({}, `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`),
      ),
    );
    await enqueueDue(
      { tenants, queue: createMemoryStore({ now: () => 0 }).queue, log },
      { lastMs: undefined, nowMs: 1 },
    );
    return said;
  }

  it('names every tenant that was due, in lines that are not cut', async () => {
    const said = await tick(1_201);
    expect(said.map(({ tenants }) => tenants)).toEqual([500, 500, 201]);
    expect(new Set(said.flatMap(({ due }) => String(due).split(','))).size).toBe(1_201);
    for (const event of said) expect(JSON.stringify(event).length).toBeLessThan(LONGEST_MESSAGE);
  });

  it('is said even if nobody was: that it ticks at all is the heartbeat', async () => {
    expect(await tick(0)).toEqual([{ event: 'sync.enqueued', tenants: 0, due: '' }]);
  });
});
