import { expect, it } from 'vitest';
import { mapLimit } from '../../shared/concurrency.ts';
import { DELIBERATE_BUGS } from './deliberate-bugs.ts';
import { playInWorker } from './play-in-worker.ts';

const STORIES = 1_000;
const SEED = 4;

it(`finds each of ${DELIBERATE_BUGS.length} deliberate bugs within ${STORIES} stories`, {
  timeout: 300_000,
}, async () => {
  const results = await mapLimit(DELIBERATE_BUGS, 2, async (bug) => {
    const { failed } = await playInWorker({ bug, series: { seed: SEED, from: 0, to: STORIES } });
    return { name: bug.name, found: failed !== undefined };
  });
  expect(results.filter(({ found }) => !found).map(({ name }) => name)).toEqual([]);
});

it('tells when the source no longer has the text that a bug replaces', async () => {
  const bug = { name: 'none', file: 'incidents/head.ts', find: 'no such text', put: '' };
  await expect(playInWorker({ bug, series: { seed: SEED, from: 0, to: 1 } })).rejects.toThrow('0 times');
});
