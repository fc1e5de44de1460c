import type { Resource } from '../tenant.ts';
import type { PaddedTime } from '../time.ts';
import type { PaceFamily } from './pace.ts';

/** One call of a Defender API. */
export interface Call {
  readonly tenant: string;
  /** Whose token goes along. */
  readonly resource: Resource;
  /** The only origin (`https://host`) that may get the token; a URL elsewhere is refused. */
  readonly origin: string;
  /** Whose pace it keeps; absent for a call that brings its own `turn`. */
  readonly family?: PaceFamily | undefined;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** Least-privileged application permission, named to people when the service answers 403. */
  readonly permission: string;
  /** What the call does, for people: `list incidents`. */
  readonly purpose: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for each HTTP request sent, retries included. */
  readonly onCall?: (() => void) | undefined;
  /** Awaited before each HTTP request in the place of the pace: then a 429 is for the caller to wait out, too. */
  readonly turn?: (() => Promise<void>) | undefined;
  /** The service's words about a refusal go along with the error: they tell people what is wrong with a query. */
  readonly keepsMessage?: boolean | undefined;
  /** Whether the call may be repeated when its outcome is unknown. Default: GET only. */
  readonly idempotent?: boolean | undefined;
  /** The URL is a link that the service gave earlier: 400 and 410 mean that it died. */
  readonly followsLink?: boolean | undefined;
  /** Statuses besides 2xx that are an answer and no failure, such as 404. */
  readonly expected?: readonly number[] | undefined;
  /** Of an answer that is too large its beginning will do. */
  readonly beginningOnly?: boolean | undefined;
  /** Limits of this call where they differ from the transport's. */
  readonly limits?: Partial<CallLimits> | undefined;
}

/** Bounds of one call. */
export interface CallLimits {
  /** Largest decoded body, in bytes. */
  readonly maxBytes: number;
  /** For one attempt, body included, in milliseconds. */
  readonly attemptMs: number;
  /** For all attempts and the waits between them, in milliseconds. */
  readonly totalMs: number;
  /** Attempts after the first one. */
  readonly retries: number;
  /** An attempt that took so long is not repeated, in milliseconds: it would take as long again. */
  readonly longMs: number;
}

export const CALL_LIMITS: CallLimits = {
  maxBytes: 32 * 1024 * 1024,
  attemptMs: 30_000,
  totalMs: 60_000,
  retries: 4,
  longMs: Number.POSITIVE_INFINITY,
};

/** A successful answer: 2xx, or a status that the call expects. */
export interface Answer extends AnswerHead {
  readonly text: string;
  /** Size of `text` as UTF-8, in bytes. */
  readonly bytes: number;
}

/** What is known before the body. */
export interface AnswerHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The service's `Date`; our own clock only where it is missing. */
  readonly serviceTime: PaddedTime;
}

/** An answer whose body is read as it arrives. */
export interface StreamedAnswer extends AnswerHead {
  /** Decompressed. Must be read or left (`return`), which ends the request. Fails with the attempt's fault. */
  readonly chunks: AsyncGenerator<Buffer, void>;
}
