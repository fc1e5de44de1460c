import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { runSync } from '../../shared/incidents/run.ts';
import { seedHistory } from '../support/sync-expectations.ts';
import { createSyncRig } from '../support/sync-rig.ts';
import { TENANT_ID } from '../support/tenant-with.ts';

describe('reading ahead', () => {
  it('asks for the next slice while one is being stored, and for no page twice', async () => {
    const plain = createSyncRig();
    seedHistory(plain, 300);
    const asked: string[] = [];
    let unstored = 0;
    let overlapping = 0;
    const { blobs } = plain.dependencies;
    const { incidentPages } = plain.source;
    Object.assign(plain.source, {
      async *incidentPages(...query: Parameters<typeof incidentPages>) {
        asked.push(JSON.stringify(query));
        if (unstored > 0) overlapping++;
        for await (const page of incidentPages(...query)) {
          // A page that does not fit is not stored.
          if (!page.hasMore) unstored += page.items.length;
          yield page;
        }
      },
    });
    const watched: typeof blobs = {
      ...blobs,
      put: (...blob) => {
        unstored--;
        return blobs.put(...blob);
      },
    };
    expect(await runSync({ ...plain.dependencies, blobs: watched }, { tenantId: TENANT_ID })).toBe('done');
    expect(plain.state().counts.incidents).toBe(300);
    expect(overlapping).toBeGreaterThan(3);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('stores what was read ahead although the budget is used up', async () => {
    const rig = createSyncRig({ budgetMs: 1_000 });
    seedHistory(rig, 300);
    const shown = new Set<string>();
    const { incidentPages } = rig.source;
    Object.assign(rig.source, {
      async *incidentPages(...query: Parameters<typeof incidentPages>) {
        for await (const page of incidentPages(...query)) {
          // A page that does not fit is asked for again, and counts only then.
          if (!page.hasMore) for (const { id } of page.items) shown.add(id);
          yield page;
        }
      },
    });
    const { blobs } = rig.dependencies;
    const slow: typeof blobs = {
      ...blobs,
      put: (...blob) => {
        rig.clock.advance(400);
        return blobs.put(...blob);
      },
    };
    expect(await runSync({ ...rig.dependencies, blobs: slow }, { tenantId: TENANT_ID })).toBe('more');
    expect(shown.size).toBeGreaterThan(0);
    expect(shown.size).toBeLessThan(300);
    expect([...shown].filter((id) => !rig.record(id))).toEqual([]);
  });

  it('leaves nothing behind when storing fails, whatever became of the page', async () => {
    const rig = createSyncRig();
    seedHistory(rig, 300);
    let lists = 0;
    rig.source.before = (call) => {
      if (call === 'list' && ++lists > 6) throw new OutriderError('upstream.unavailable', 'down');
    };
    const { blobs } = rig.dependencies;
    let puts = 0;
    const failing: typeof blobs = {
      ...blobs,
      put: async (...blob) => {
        if (++puts > 20) throw new OutriderError('storage.unavailable', 'down');
        await blobs.put(...blob);
      },
    };
    await expect(
      runSync({ ...rig.dependencies, blobs: failing }, { tenantId: TENANT_ID }),
    ).rejects.toMatchObject({ code: 'storage.unavailable' });
    const after = lists;
    await new Promise((resolve) => setImmediate(resolve));
    expect(lists).toBe(after);
  });
});
