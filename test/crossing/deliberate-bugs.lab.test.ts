import { expect, it } from 'vitest';
import { CROSSING_BUGS, type CrossingBug } from './deliberate-bugs.ts';
import { playInWorker } from './play-in-worker.ts';

const PLAY = { tenants: 100, rounds: 2, seed: 5 };

/** By which sign each bug is to be noticed. */
const SIGNS: Readonly<Record<string, RegExp>> = {
  'all calls share one headers object': /^crossing-\d{3} calls with the token of /,
  'the tenant is missing in the key under which tokens are kept': /^crossing-\d{3} calls with the token of /,
  'the partition is taken from the continuation token': /^the list of crossing-\d{3} shows /,
};

it('finds nothing in as short a play without a bug', async () => {
  const { crossings, troubles, inspected } = await playInWorker({ play: PLAY, bug: undefined });
  expect(crossings).toEqual([]);
  expect(troubles).toEqual([]);
  expect(inspected?.missing).toEqual([]);
});

it.each(CROSSING_BUGS)('notices that $name', async (bug) => {
  const { crossings } = await playInWorker({ play: PLAY, bug });
  expect(crossings).toContainEqual(expect.stringMatching(SIGNS[bug.name] ?? /no sign is named/));
});

it.each(CROSSING_BUGS)('tells when the source has lost a text of: $name', async (bug) => {
  for (const [lost] of bug.edits.entries()) {
    const edits = bug.edits.map((edit, index) => (index === lost ? { ...edit, find: 'no such text' } : edit));
    const gone: CrossingBug = { ...bug, edits };
    await expect(playInWorker({ play: PLAY, bug: gone })).rejects.toThrow('“no such text” 0 times');
  }
});
