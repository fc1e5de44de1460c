import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { pagesWithinTime } from '../../shared/state/within-time.ts';

const MS = 20;

/** Pages as a library gives them: each is a request of its own, with the signal of the list. */
async function* threePages(signal: AbortSignal): AsyncGenerator<number> {
  for (const page of [1, 2, 3]) {
    signal.throwIfAborted();
    yield page;
  }
}

/** A list whose second page never comes, unless it is stopped. */
async function* stuckList(signal: AbortSignal): AsyncGenerator<number> {
  yield 1;
  await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

describe('pages within their time', () => {
  it('come however long is worked on each of them: the time is for asking alone', async () => {
    const seen: number[] = [];
    for await (const page of pagesWithinTime('table t', MS, threePages)) {
      seen.push(page);
      await sleep(3 * MS);
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it('end with the one that does not come, which is stopped', async () => {
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const page of pagesWithinTime('table t', MS, stuckList)) seen.push(page);
    };
    await expect(read()).rejects.toMatchObject({ code: 'storage.unavailable' });
    expect(seen).toEqual([1]);
  });
});
