import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CROSSING_BUGS, type CrossingBug, withBug } from './deliberate-bugs.ts';
import { crossingsWith } from './play-in-worker.ts';

// What is played here without a bug is played by crossing.test.ts and persons.test.ts.
it.each(CROSSING_BUGS)('notices that $name', async (bug) => {
  expect(await crossingsWith(bug)).toContainEqual(expect.stringMatching(bug.sign));
});

/** The bug with one of its texts replaced by one that is in no source. */
function withoutText(bug: CrossingBug, lost: number): CrossingBug {
  const edits = bug.edits.map((edit, index) => (index === lost ? { ...edit, find: 'no such text' } : edit));
  return { ...bug, edits };
}

it.each(CROSSING_BUGS)('tells when the source has lost a text of: $name', async (bug) => {
  const source = await readFile(join(import.meta.dirname, '../..', bug.file), 'utf8');
  for (const [lost] of bug.edits.entries()) {
    expect(() => withBug(source, withoutText(bug, lost))).toThrow('“no such text” 0 times');
  }
});

it('ends the play when a text is lost', async () => {
  const [bug] = CROSSING_BUGS;
  const play = bug && crossingsWith(withoutText(bug, 0));
  await expect(play).rejects.toThrow('“no such text” 0 times');
});
