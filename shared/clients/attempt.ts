import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  isRestError,
  type Pipeline,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';
import type { Call } from './call.ts';
import { createIdleLimit } from './idle-limit.ts';
import { chunksOf, readBody } from './read-body.ts';

/** What came of one HTTP request. `networkFault` and `timeout` leave open whether the service acted on it. */
export type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Headers; readonly body: Body }
  | Fault;

/** Why there is no whole answer. */
export type Fault = { readonly kind: 'networkFault'; readonly code: string } | { readonly kind: 'timeout' };

type Headers = Readonly<Record<string, string>>;

/** A decoded body, or why there is none. */
export type Body =
  | { readonly kind: 'text'; readonly text: string; readonly bytes: number }
  /** Asked for: its chunks are yet to come. A fault on the way is told by `onFault`. */
  | {
      readonly kind: 'stream';
      readonly chunks: (onFault: (fault: Fault) => Error) => AsyncGenerator<Buffer, void>;
    }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'notText' };

/** Error bodies are short; of a longer one, and where a call asks for no more, the beginning is enough. */
const BEGINNING_BYTES = 64 * 1024;
/** Why the time limit of a finished attempt ends: one for all, since a new error costs its stack each time. */
const DONE = new Error('the attempt is over');
/** Longest silence within a body that is read as it arrives. */
const IDLE_MS = 60_000;
const EVERY_STATUS: ReadonlySet<number> = new Set([Number.POSITIVE_INFINITY]);

/** The parts an attempt runs on. */
export interface Wire {
  readonly pipeline: Pipeline;
  readonly httpClient: HttpClient;
  readonly clock: Clock;
}

/**
 * Sends one HTTP request and reads its answer within `attemptMs`. Rejects only when the caller's signal aborts,
 * with its reason; everything else is an {@link Outcome}. With `stream` the body of a 2xx is left to be read, without
 * a silence of more than a minute or two.
 */
export async function attempt(
  { pipeline, httpClient, clock }: Wire,
  call: Call,
  token: string,
  {
    attemptMs,
    maxBytes,
    stream = false,
  }: { readonly attemptMs: number; readonly maxBytes: number; readonly stream?: boolean },
): Promise<Outcome> {
  call.signal?.throwIfAborted();
  const request = new AbortController();
  const finished = new AbortController();
  let timedOut = false;
  let streaming = false;
  const stopped = new Promise<never>((_, reject) => {
    request.signal.addEventListener('abort', () => reject(request.signal.reason), { once: true });
  });
  const onAbort = (): void => request.abort(call.signal?.reason);
  call.signal?.addEventListener('abort', onAbort, { once: true });
  clock.sleep(attemptMs, finished.signal).then(
    () => {
      timedOut = true;
      request.abort(new Error('timeout'));
    },
    () => {},
  );
  try {
    // A race, since the promise must settle in time even if the client is deaf to its signal.
    return await Promise.race([exchange(), stopped]);
  } catch (error) {
    return faultOf(error);
  } finally {
    finished.abort(DONE);
    if (!streaming) call.signal?.removeEventListener('abort', onAbort);
  }

  function faultOf(error: unknown): Fault {
    if (call.signal?.aborted) throw call.signal.reason;
    return timedOut ? { kind: 'timeout' } : { kind: 'networkFault', code: faultCode(error) };
  }

  async function exchange(): Promise<Outcome> {
    const response = await pipeline.sendRequest(httpClient, requestFor(call, token, request.signal));
    if (stream && response.status >= 200 && response.status < 300) {
      streaming = true;
      const chunks = (onFault: (fault: Fault) => Error) => stillArriving(response, onFault);
      return {
        kind: 'answered',
        status: response.status,
        headers: headersOf(response),
        body: { kind: 'stream', chunks },
      };
    }
    const cut = response.status >= 400 || call.beginningOnly === true;
    const body = await readBody(response, cut ? BEGINNING_BYTES : maxBytes, { cut });
    return { kind: 'answered', status: response.status, headers: headersOf(response), body };
  }

  /** The body as it arrives; whoever stops reading, or never begins and aborts, ends the request. */
  async function* stillArriving(
    response: PipelineResponse,
    onFault: (fault: Fault) => Error,
  ): AsyncGenerator<Buffer, void> {
    const wait = createIdleLimit(clock, Math.min(attemptMs, IDLE_MS), () => {
      timedOut = true;
      request.abort(new Error('timeout'));
    });
    request.signal.addEventListener('abort', () => wait.fail(request.signal.reason), { once: true });
    const chunks = chunksOf(response);
    try {
      for (;;) {
        const next = await wait.during(chunks.next());
        if (next.done) return;
        yield next.value;
      }
    } catch (error) {
      throw onFault(faultOf(error));
    } finally {
      wait.end();
      // Not awaited: behind a read that never ends it would not end either.
      chunks.return().catch(() => {});
      call.signal?.removeEventListener('abort', onAbort);
      request.abort(DONE);
    }
  }
}

/** Everything here is new for each attempt: nothing of one tenant's request can reach another's. */
function requestFor(call: Call, token: string, abortSignal: AbortSignal) {
  const headers = createHttpHeaders({ accept: 'application/json', ...call.headers });
  headers.set('authorization', `Bearer ${token}`);
  if (call.body !== undefined) headers.set('content-type', 'application/json; charset=utf-8');
  return createPipelineRequest({
    url: call.url,
    method: call.method,
    headers,
    abortSignal,
    streamResponseStatusCodes: new Set(EVERY_STATUS),
    ...(call.body === undefined ? {} : { body: call.body }),
  });
}

function headersOf(response: PipelineResponse): Headers {
  return response.headers.toJSON();
}

/** The system's name of the fault (`ECONNRESET`), never its text, which may hold the URL. */
function faultCode(error: unknown): string {
  const code = isRestError(error) ? error.code : (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? code : 'UNKNOWN';
}
