import type { Clock } from '../clock.ts';
import { abortable } from './abortable.ts';

/** The time for a piece of work is over. */
export class DeadlineError extends Error {
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.name = 'DeadlineError';
  }
}

export interface Deadline {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The work's outcome, unless time is over first. It gets a signal for both; when it does not heed that, it is left
 * to itself and its outcome ignored.
 *
 * @throws DeadlineError, or the reason of the caller's signal
 */
export async function withDeadline<T>(
  { clock, timeoutMs, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  clock.sleep(timeoutMs, done.signal).then(
    () => late.abort(new DeadlineError(timeoutMs)),
    () => {},
  );
  const either = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  try {
    either.throwIfAborted();
    return await abortable(work(either), either);
  } finally {
    done.abort();
  }
}
