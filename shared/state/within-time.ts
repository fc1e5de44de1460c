import { OutriderError } from '../errors.ts';
import { storageError } from './storage-errors.ts';

/** For one call with the library's retries, in milliseconds. None of the libraries gives up by itself. */
export const CALL_MS = 60_000;

/**
 * Runs one storage call and gives it up after `ms`; whether a write took effect is then not known.
 *
 * @param what for people: which row, blob or queue
 * @throws OutriderError `storage.*`
 */
export async function withinTime<Result>(
  what: string,
  ms: number,
  work: (abortSignal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = AbortSignal.timeout(ms);
  try {
    return await work(limit);
  } catch (error) {
    if (!limit.aborted) throw storageError(error, what);
    throw new OutriderError(
      'storage.unavailable',
      `Azure Storage did not serve ${what} within ${ms / 1_000} seconds. It is tried again.`,
    );
  }
}

/** Pages of a list, each within `ms`; after that the list is over. */
export async function* pagesWithinTime<Page>(
  what: string,
  ms: number,
  list: (abortSignal: AbortSignal) => AsyncIterator<Page>,
): AsyncGenerator<Page> {
  const stop = new AbortController();
  const pages = list(stop.signal);
  for (;;) {
    const next = await withinTime(what, ms, async (limit) => {
      const giveUp = (): void => stop.abort();
      limit.addEventListener('abort', giveUp);
      try {
        return await pages.next();
      } finally {
        // The time of a page that has come must not end the list while its rows are worked on.
        limit.removeEventListener('abort', giveUp);
      }
    });
    if (next.done) return;
    yield next.value;
  }
}
