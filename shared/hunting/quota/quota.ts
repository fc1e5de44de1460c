import type { RunOrigin } from '../run/types.ts';

/** A tenant's share of hunting calls, kept in storage for all instances together. */
export interface Quota {
  /**
   * Resolves when one HTTP request may be sent.
   *
   * @throws OutriderError `hunt.call_quota` or `hunt.cpu_quota`, with `retryAfterMs`, when the wait would be longer
   * than `maxWaitMs`; `storage.*`. Rejects with the signal's reason when aborted.
   */
  take(turn: QuotaTurn): Promise<void>;
  /** The service said that the tenant's share is used up: no instance sends anything before `untilMs`. */
  park(tenant: string, why: ParkReason, untilMs: number): Promise<void>;
}

export interface QuotaTurn {
  readonly tenant: string;
  /** Ad-hoc calls go before scheduled ones. */
  readonly origin: RunOrigin;
  readonly maxWaitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type ParkReason = 'calls' | 'cpu';
