import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGraphHunting } from '../../../shared/clients/graph-hunting.ts';
import { createPace } from '../../../shared/clients/pace.ts';
import { createTransport } from '../../../shared/clients/transport.ts';
import { systemClock } from '../../../shared/clock.ts';
import { CLOUDS } from '../../../shared/clouds.ts';
import { createQuota } from '../../../shared/hunting/quota/stored-quota.ts';
import { cancelRun } from '../../../shared/hunting/run/end-run.ts';
import { listRuns, readRows, readRun } from '../../../shared/hunting/run/read.ts';
import { requestHunt } from '../../../shared/hunting/run/request.ts';
import { pruneRuns } from '../../../shared/hunting/run/retention.ts';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import { createBlobStore } from '../../../shared/state/blob-store.ts';
import { createTableStore } from '../../../shared/state/table-store.ts';
import { createFakeWire } from '../../clients/fake-wire.ts';
import { all } from '../../clients/harness.ts';
import { ACCOUNT, enterLab, type Frame, startFrame } from '../../lab/cloud/harness.ts';
import { createHuntRig, REQUEST, TENANT } from './hunt-rig.ts';

const credential = {
  getToken: async () => ({ token: 'good', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const uri = (service: string): string => `https://${ACCOUNT}.${service}.core.windows.net`;

let frame: Frame;
beforeAll(async () => {
  frame = await startFrame({ storage: true });
  enterLab(frame);
});
afterAll(() => frame.stop());

it('keeps a large result in Azure Storage, and gives any page of it back, until it is pruned', async () => {
  // Random, so that it does not compress to one block.
  const rows = Array.from(
    { length: 6_000 },
    (_, n) => `{"N":${n},"x":"${randomBytes(600).toString('base64')}"}`,
  );
  const wire = createFakeWire(() => ({ body: `{"schema":[],"results":[${rows.join(',')}]}` }));
  const table = createTableStore({ uri: uri('table'), table: 'OutriderHunts', credential });
  const blobs = createBlobStore({ uri: uri('blob'), container: 'outrider-hunts', credential });
  const transport = createTransport({
    getToken: async () => 'token',
    clock: systemClock,
    version: '1.2.3',
    pace: createPace({ clock: systemClock }),
    httpClient: wire,
  });
  const source = createGraphHunting({ transport, clock: systemClock, cloud: CLOUDS.global });
  const messages: string[] = [];
  const dependencies = {
    ...createHuntRig(() => ({})).direct,
    table,
    blobs,
    clock: systemClock,
    queue: { send: async (text: string) => void messages.push(text) },
    quota: createQuota({ table, clock: systemClock }),
    sourceFor: () => source,
  };
  const { id } = await requestHunt(dependencies, { ...REQUEST, idempotencyKey: 'k' });
  expect(await runHunt(dependencies, messages[0])).toBe('succeeded');
  const run = { tenant: TENANT, run: id };
  expect(await readRun(dependencies, run)).toMatchObject({ state: 'succeeded', rows: 6_000, calls: 1 });
  expect((await all(readRows(dependencies, run))).flat()).toEqual(rows);
  const page = (await all(readRows(dependencies, { ...run, from: 4_321, count: 7 }))).flat();
  expect(page).toEqual(rows.slice(4_321, 4_328));
  expect((await all(listRuns(dependencies, { tenant: TENANT }))).map((listed) => listed.id)).toEqual([id]);
  expect(await requestHunt(dependencies, { ...REQUEST, idempotencyKey: 'k' })).toEqual({ id, isNew: false });
  expect(await cancelRun(dependencies, { ...run, by: 'x' })).toMatchObject({ state: 'succeeded' });
  expect(await pruneRuns(dependencies, { tenant: TENANT, untilMs: Date.now() })).toBe(1);
  expect(await readRun(dependencies, run)).toBeUndefined();
  for await (const names of blobs.list(TENANT)) expect(names).toEqual([]);
});
