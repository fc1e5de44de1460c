import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LoadResult, loadIncidentFiles } from '../../lab/defender/load-files.ts';
import { type GraphContract, loadGraphContract } from '../contract/graph-contract.ts';
import { hostileIncidents, hostileXdrIncidents } from './hostile-incidents.ts';
import { advance, advanceToMorning } from './moving-time.ts';
import { DAY, HOUR, MINUTE, type SyncedTenant, type SyncLab, startSyncLab } from './sync-lab.ts';

const SAMPLES = join(import.meta.dirname, '../../../shared/data/incidents');
const hasSamples = existsSync(SAMPLES);

let lab: SyncLab;
let samples: LoadResult;
beforeAll(async () => {
  advanceToMorning();
  samples = hasSamples
    ? await loadIncidentFiles([join(SAMPLES, 'graph'), join(SAMPLES, 'xdr')])
    : { loaded: [], faults: [] };
  const oldest = Math.min(Date.now(), ...samples.loaded.flatMap((file) => [file.createdMs, file.updatedMs]));
  const days = Math.ceil((Date.now() - oldest) / DAY) + 30;
  lab = await startSyncLab({ tenants: 8, backfillDays: days, retentionDays: days });
});
afterEach(() => lab.calm());
afterAll(() => lab.stop());

async function graphOf(tenant: SyncedTenant, id: string): Promise<Record<string, unknown>> {
  const found = await lab.outrider.incidents.get({ tenant: tenant.id, id });
  return JSON.parse(found ? lab.outrider.incidents.text(found, tenant.id, 'graph') : '{}');
}

// Published samples lie beside the repository; in CI their absence is an error, elsewhere there is nothing to check.
describe.skipIf(!hasSamples && !process.env.CI)('published sample incidents', () => {
  let contract: GraphContract;
  beforeAll(async () => {
    contract = await loadGraphContract();
  });

  test.each(['graph', 'xdr'] as const)(
    '%s: come back character for character, and as Graph says',
    async (api) => {
      const files = samples.loaded.filter(({ family }) => family === api);
      expect(samples.faults).toEqual([]);
      expect(files.length).toBeGreaterThanOrEqual(api === 'graph' ? 13 : 3);
      const tenant = lab.tenant(api);
      for (const file of files) tenant.live.loadRaw(file);
      await tenant.settle();
      expect((await tenant.state()).counts.incidents).toBe(files.length);
      for (const { id, text } of files) {
        expect(await tenant.source(id)).toBe(text);
        const { _outrider, ...incident } = await graphOf(tenant, id);
        expect(_outrider).toMatchObject({ family: api, alertsMissing: false });
        const request = {
          method: 'GET',
          url: `https://graph.microsoft.com/v1.0/security/incidents/${id}?$expand=alerts`,
          headers: { prefer: 'include-unknown-enum-members' },
        };
        const answer = {
          status: 200,
          headers: { 'content-type': 'application/json' },
          text: JSON.stringify(incident),
        };
        expect(contract.checkResponse(request, answer)).toEqual([]);
      }
    },
  );
});

describe('incidents as nobody promised them', () => {
  const time = (msAgo: number): string => `${new Date(Date.now() - msAgo).toISOString().slice(0, -1)}1234Z`;

  test.each(['a first load', 'what is new'])(
    'are stored and given back as they are, read as %s',
    async (what) => {
      const tenant = lab.tenant();
      if (what === 'what is new') await tenant.settle();
      const incidents = hostileIncidents(time(what === 'what is new' ? MINUTE : 3 * DAY));
      for (const { text } of incidents) tenant.live.loadRaw({ family: 'graph', text });
      await tenant.settle();
      for (const { what: which, id, text } of incidents) {
        expect(await tenant.source(id), which).toBe(text);
        expect(await graphOf(tenant, id), which).toMatchObject({ id });
      }
      const { counts } = await tenant.state();
      expect(counts).toMatchObject({ incidents: incidents.length, versions: incidents.length });
      advance(26 * HOUR);
      await tenant.settle();
      expect((await tenant.state()).counts.versions).toBe(incidents.length);
      expect({}).not.toHaveProperty('polluted');
    },
  );

  test('of the Defender XDR API, too', async () => {
    const tenant = lab.tenant('xdr');
    const incidents = hostileXdrIncidents(time(3 * DAY));
    for (const { text } of incidents) tenant.live.loadRaw({ family: 'xdr', text });
    await tenant.settle();
    for (const { what, id, text } of incidents) {
      expect(await tenant.source(id), what).toBe(text);
      expect(await graphOf(tenant, id), what).toMatchObject({ id, _outrider: { family: 'xdr' } });
    }
    expect(await graphOf(tenant, '9007199254740993')).toMatchObject({
      redirectIncidentId: '9007199254740995',
      alerts: [{ incidentId: '9007199254740993' }],
    });
  });

  test('a number that is only spelled another way is another version', async () => {
    const tenant = lab.tenant();
    await tenant.settle();
    const text = (number: string): string =>
      `{"id":"1","createdDateTime":"${time(0)}","lastUpdateDateTime":"${time(0)}","priorityScore":${number},"alerts":[]}`;
    const texts = ['9007199254740993', '9007199254740992', '1.0', '1'].map(text);
    for (const spelled of texts) {
      tenant.live.loadRaw({ family: 'graph', text: spelled });
      advance(MINUTE);
      await tenant.run();
    }
    const versions = await tenant.history('1');
    const stored = await Promise.all(
      versions.map(({ version }) => lab.outrider.incidents.version({ tenant: tenant.id, id: '1' }, version)),
    );
    expect(stored.map((found) => found?.text)).toEqual(texts);
  });
});

describe('secrets', () => {
  test('show in no log event, row or blob of all this', async () => {
    expect(await lab.leaks()).toEqual([]);
  });
});
