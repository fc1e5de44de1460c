import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CROSSING_BUGS, type CrossingBug, withBug } from './deliberate-bugs.ts';
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

/** The bug with one of its texts replaced by one that is in no source. */
function withoutText(bug: CrossingBug, lost: number): CrossingBug {
  const edits = bug.edits.map((edit, index) => (index === lost ? { ...edit, find: 'no such text' } : edit));
  return { ...bug, edits };
}

it.each(CROSSING_BUGS)('tells when the source has lost a text of: $name', async (bug) => {
  const source = await readFile(join(import.meta.dirname, '../../shared', bug.file), 'utf8');
  for (const [lost] of bug.edits.entries()) {
    expect(() => withBug(source, withoutText(bug, lost))).toThrow('“no such text” 0 times');
  }
});

it('ends the play when a text is lost', async () => {
  const [bug] = CROSSING_BUGS;
  const play = playInWorker({ play: PLAY, bug: bug && withoutText(bug, 0) });
  await expect(play).rejects.toThrow('“no such text” 0 times');
});
