import type { Clock } from '../clock.ts';
import type { HuntAnswer, HuntCall, HuntSource } from '../hunting/ports.ts';
import type { Call } from './call.ts';
import { readHuntAnswer } from './hunt-answer.ts';
import { huntError } from './hunt-error.ts';
import type { Transport } from './transport.ts';

/**
 * One attempt waits a little longer than the three minutes that a query may run, so that the service's own words
 * arrive. What failed quickly is tried again: a hunt only reads.
 */
const LIMITS = { attemptMs: 200_000, totalMs: 240_000, retries: 2, longMs: 60_000 } as const;

/** What the two endpoints have in common. `bodyOf` writes the request. */
export function huntThrough(
  { transport, clock }: { readonly transport: Transport; readonly clock: Clock },
  endpoint: Pick<Call, 'resource' | 'origin' | 'url' | 'permission'>,
  bodyOf: (query: HuntCall) => object,
): HuntSource['run'] {
  return async (query: HuntCall): Promise<HuntAnswer> => {
    let sentMs = clock.now();
    const call: Call = {
      ...endpoint,
      tenant: query.tenant,
      method: 'POST',
      purpose: 'run a hunting query',
      body: JSON.stringify(bodyOf(query)),
      signal: query.signal,
      // Absent turns are for tools that ask once: the transport insists on one of the two.
      turn: query.turn ?? (async () => {}),
      onCall: () => {
        sentMs = clock.now();
        query.onCall?.();
      },
      idempotent: true,
      keepsMessage: true,
      limits: LIMITS,
    };
    try {
      return readHuntAnswer(call, await transport.open(call));
    } catch (error) {
      throw huntError(error, call, clock, clock.now() - sentMs);
    }
  };
}
