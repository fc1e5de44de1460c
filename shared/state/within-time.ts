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

/**
 * One step of something that takes several: it is given up after `ms`, and all of it with that. The time between two
 * steps, in which the caller works on what came, does not count.
 *
 * @throws OutriderError `storage.*`
 */
export function stepWithinTime<Result>(
  { what, ms, stop }: { readonly what: string; readonly ms: number; readonly stop: AbortController },
  step: () => Promise<Result>,
): Promise<Result> {
  return withinTime(
    what,
    ms,
    (limit) =>
      new Promise((resolve, reject) => {
        const giveUp = (): void => {
          stop.abort();
          reject(limit.reason);
        };
        limit.addEventListener('abort', giveUp);
        step()
          .then(resolve, reject)
          .finally(() => limit.removeEventListener('abort', giveUp));
      }),
  );
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
    const next = await stepWithinTime({ what, ms, stop }, () => pages.next());
    if (next.done) return;
    yield next.value;
  }
}
