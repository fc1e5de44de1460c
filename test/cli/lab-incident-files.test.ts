import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readIncidentFiles } from '../../lab/session/files.ts';
import { graphIncident, xdrIncident } from './lab-incidents.ts';

const DAY_MS = 86_400_000;

describe('incident files', () => {
  const read = async (incidents: readonly object[], now: number, families = ['graph', 'xdr']) => {
    const folder = await mkdtemp(join(tmpdir(), 'outrider-test-'));
    try {
      await writeFile(join(folder, 'all.json'), JSON.stringify(incidents));
      return await readIncidentFiles({ paths: [folder], families: new Set(families), now });
    } finally {
      await rm(folder, { recursive: true });
    }
  };
  const created = Date.parse('2021-03-04T05:06:07.123Z');

  it('leave the app its defaults when they reach far enough', async () => {
    const { backfillDays, retentionDays } = await read([graphIncident('1')], created + 5 * DAY_MS);
    expect({ backfillDays, retentionDays }).toEqual({});
  });

  it('make the first load and the retention begin before the oldest', async () => {
    const incidents = [graphIncident('1'), xdrIncident(2)];
    expect(await read(incidents, created + 40 * DAY_MS)).toMatchObject({ backfillDays: 41 });
    // Less than the default for resolved incidents would delete others.
    expect(await read(incidents, created + 100.5 * DAY_MS)).toMatchObject({
      backfillDays: 102,
      retentionDays: 365,
    });
    expect(await read(incidents, created + 1000 * DAY_MS)).toMatchObject({
      backfillDays: 1001,
      retentionDays: 1001,
    });
  });

  it('that no tenant can serve are faults', async () => {
    const { incidents, faults } = await read([graphIncident('1'), xdrIncident(2)], created, ['graph']);
    expect(incidents.map(({ id }) => id)).toEqual(['1']);
    expect(faults).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/^incident 2: no tenant/) }),
    ]);
  });
});
