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
import { readBody } from './read-body.ts';

/** What came of one HTTP request. `networkFault` and `timeout` leave open whether the service acted on it. */
export type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Headers; readonly body: Body }
  | { readonly kind: 'networkFault'; readonly code: string }
  | { readonly kind: 'timeout' };

type Headers = Readonly<Record<string, string>>;

/** A decoded body, or why there is none. */
export type Body =
  | { readonly kind: 'text'; readonly text: string; readonly bytes: number }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'notText' };

/** Error bodies are short; of a longer one, and where a call asks for no more, the beginning is enough. */
const BEGINNING_BYTES = 64 * 1024;
/** Why the time limit of a finished attempt ends: one for all, since a new error costs its stack each time. */
const DONE = new Error('the attempt is over');
const EVERY_STATUS: ReadonlySet<number> = new Set([Number.POSITIVE_INFINITY]);

/** The parts an attempt runs on. */
export interface Wire {
  readonly pipeline: Pipeline;
  readonly httpClient: HttpClient;
  readonly clock: Clock;
}

/**
 * Sends one HTTP request and reads its answer within `attemptMs`. Rejects only when the caller's signal aborts,
 * with its reason; everything else is an {@link Outcome}.
 */
export async function attempt(
  { pipeline, httpClient, clock }: Wire,
  call: Call,
  token: string,
  { attemptMs, maxBytes }: { readonly attemptMs: number; readonly maxBytes: number },
): Promise<Outcome> {
  call.signal?.throwIfAborted();
  const request = new AbortController();
  const finished = new AbortController();
  let timedOut = false;
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
    if (call.signal?.aborted) throw call.signal.reason;
    if (timedOut) return { kind: 'timeout' };
    return { kind: 'networkFault', code: faultCode(error) };
  } finally {
    finished.abort(DONE);
    call.signal?.removeEventListener('abort', onAbort);
  }

  async function exchange(): Promise<Outcome> {
    const response = await pipeline.sendRequest(httpClient, requestFor(call, token, request.signal));
    const cut = response.status >= 400 || call.beginningOnly === true;
    const body = await readBody(response, cut ? BEGINNING_BYTES : maxBytes, { cut });
    return { kind: 'answered', status: response.status, headers: headersOf(response), body };
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
