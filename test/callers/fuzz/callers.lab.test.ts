import { describe, expect, it } from 'vitest';
import { mapLimit } from '../../../shared/concurrency.ts';
import { CUSTOMER, HOME, OTHER_CUSTOMER } from '../directories.ts';
import { CALLERS_BUGS } from './bugs.ts';
import { playInWorker } from './play-in-worker.ts';

/** The short form for every day; where the whole proof is wanted, all of it. */
const REQUESTS = process.env.CI ? 120_000 : 5_000;
const WITHIN_MS = process.env.CI ? 1_800_000 : 120_000;
const SEED = 6;
/** The same series, so that what it notices with bugs is what it looks for without. */
const WITH_BUGS = { requests: 4_000, seed: SEED, enough: 1 };

describe('generated and mutated tokens', () => {
  it(
    'get in where they hold and nowhere else, and none is a failure of ours',
    async () => {
      const { wrong, counts, asked, askedTimes } = await playInWorker({
        series: { requests: REQUESTS, seed: SEED, enough: 20 },
      });
      expect(wrong).toEqual([]);
      // A series in which nothing is ever let in, or nothing ever refused, would prove nothing.
      expect(Object.keys(counts).map(Number).sort()).toEqual([200, 400, 401, 403, 404]);
      for (const count of Object.values(counts)) expect(count).toBeGreaterThan(REQUESTS / 50);
      expect(Object.values(counts).reduce((sum, count) => sum + count)).toBeGreaterThan(REQUESTS * 0.9);
      // Nobody was asked but directories that may call, however many issuers were made up.
      const known = [HOME, CUSTOMER, OTHER_CUSTOMER];
      expect([...asked].sort()).toEqual(
        known.map((id) => `https://login.microsoftonline.com/${id}/discovery/v2.0/keys`).sort(),
      );
      expect(askedTimes).toBeLessThan(200);
    },
    WITHIN_MS,
  );
});

describe('deliberate bugs', () => {
  it(
    'are all noticed',
    async () => {
      const results = await mapLimit(CALLERS_BUGS, 2, async (bug) => {
        const { wrong } = await playInWorker({ series: WITH_BUGS, bug });
        return { name: bug.name, found: wrong.length > 0 };
      });
      expect(results.filter(({ found }) => !found).map(({ name }) => name)).toEqual([]);
    },
    WITHIN_MS,
  );

  it('cannot be left out unnoticed', async () => {
    const bug = { name: 'none', edits: [{ file: 'http/reach.ts', find: 'no such text', put: '' }] };
    await expect(playInWorker({ series: WITH_BUGS, bug })).rejects.toThrow('0 times');
  });
});
