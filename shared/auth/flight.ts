import { abortable } from './abortable.ts';

/** Work that many callers may want at once and that is done once for all of them. */
export interface Flight<T> {
  /**
   * Joins the flight under way, or starts one. An aborted signal detaches this caller alone: it rejects with the
   * signal's reason. The flight is aborted when its last caller has left.
   */
  join(signal?: AbortSignal): Promise<T>;
  underWay(): boolean;
}

interface Running<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/** @param work gets a signal that is aborted when nobody waits for it any more */
export function createFlight<T>(work: (signal: AbortSignal) => Promise<T>): Flight<T> {
  let running: Running<T> | undefined;

  function start(): Running<T> {
    const controller = new AbortController();
    const result = (async () => work(controller.signal))().finally(() => {
      if (running === begun) running = undefined;
    });
    const begun = { controller, result, waiting: 0 };
    return begun;
  }

  return {
    underWay: () => running !== undefined,
    async join(signal) {
      signal?.throwIfAborted();
      running ??= start();
      const flight = running;
      flight.waiting += 1;
      try {
        return await abortable(flight.result, signal);
      } finally {
        flight.waiting -= 1;
        if (flight.waiting === 0 && running === flight) {
          // The next caller must not join what is being given up.
          running = undefined;
          flight.controller.abort();
        }
      }
    },
  };
}
