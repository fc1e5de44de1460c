import type { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { huntingSchema } from '../../../shared/hunting/kql/default-schema.ts';
import { mergeSchemas, readSchema } from '../../../shared/hunting/kql/schema.ts';
import { createKqlService } from '../../../shared/hunting/kql/service.ts';
import type { KqlService } from '../../../shared/hunting/ports.ts';

/** What the service's parser takes minutes for. */
const ENDLESS = 'a b '.repeat(60_000);
const TOO_MUCH = `print x = dynamic([${'{"a":1},'.repeat(50_000)}1])`;

const codesOf = async (service: KqlService, text: string): Promise<readonly string[]> =>
  (await service.check({ text })).diagnostics.map(({ code }) => code);

// Each start of a worker costs a second and a half: two services are shared by what can share them.
describe('the language service in its worker', () => {
  const { schema: own } = readSchema({ tables: { Own: 'Timestamp:datetime' } }, 'own');
  const service = createKqlService({ schema: mergeSchemas(huntingSchema(), own), timeoutMs: 3_000 });
  afterAll(() => service.close());

  it('answers in the order asked, each query by itself, by the schema it was given', async () => {
    const texts = ['Own | take 1', 'DeviceInf | take 1', 'print 1', '', 'DeviceInfo | wher x'];
    expect(await Promise.all(texts.map((text) => codesOf(service, text)))).toEqual([
      [],
      ['KS204'],
      [],
      ['KQL101'],
      ['KS176'],
    ]);
  });

  it('gives up a query that takes too long, as one finding, and goes on', async () => {
    const [endless, after] = await Promise.all([
      service.check({ text: ENDLESS }),
      service.check({ text: 'DeviceInfo | take 1' }),
    ]);
    expect(endless.diagnostics).toMatchObject([
      { code: 'KQL900', severity: 'error', message: expect.stringContaining('longer than 3 s') },
    ]);
    expect(after).toMatchObject({ diagnostics: [], tables: ['DeviceInfo'] });
  });

  it('answers no more when it is closed', async () => {
    await service.close();
    await expect(service.check({ text: 'print 1' })).rejects.toThrow(/closed/);
  });
});

it('starts anew when its worker has died between two queries, which is no query’s fault and does not end the process', async () => {
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on('worker', note);
  const service = createKqlService();
  expect(await codesOf(service, 'DeviceInfo | take 1')).toEqual([]);
  workers[0]?.emit('error', new Error('died'));
  await workers[0]?.terminate();
  expect(await codesOf(service, 'DeviceInfo | take 1')).toEqual([]);
  expect(workers).toHaveLength(2);
  await service.close();
  process.off('worker', note);
});

it('gives up a query that takes all memory, as one finding, and goes on', async () => {
  const service = createKqlService({ heapMb: 80, timeoutMs: 25_000 });
  // On a busy machine the time may be over first.
  expect((await service.check({ text: TOO_MUCH })).diagnostics).toMatchObject([
    { code: 'KQL900', message: expect.stringMatching(/ran out of memory|longer than 25 s/) },
  ]);
  expect(await codesOf(service, 'DeviceInfo | take 1')).toEqual([]);
  await service.close();
});
