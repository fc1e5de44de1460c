import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { challengeOfHeader } from '../claims-challenge.ts';
import type { Clock } from '../clock.ts';
import { isOutriderError, OutriderError } from '../errors.ts';
import type { GetToken } from '../tenant.ts';
import { paddedFromMs } from '../time.ts';
import { attempt, type Fault, type Outcome, type Wire } from './attempt.ts';
import { type Answer, CALL_LIMITS, type Call, type CallLimits, type StreamedAnswer } from './call.ts';
import type { Pace } from './pace.ts';
import { createDefenderPipeline } from './pipeline.ts';
import { backoffMs, httpDateMs, RETRYABLE, resetMsFromText, retryAfterMs } from './retry.ts';
import { readServiceError } from './service-error.ts';
import { linkRefused, refusal, timedOut, tooLarge, unreachable, unusable } from './upstream-error.ts';

/** The one way to a Defender API. */
export interface Transport {
  /**
   * Sends a call and gives back its answer when the status is 2xx, or one that the call expects.
   *
   * 408, 429, 500, 502, 503, 504, network faults and time-outs are tried again, for idempotent calls, after
   * `Retry-After` or a jittered backoff, until the retries or the total time run out; a wait that does not fit
   * into what is left is not slept, the error comes at once with `retryAfterMs`. A 401 asks for one new token.
   *
   * @throws OutriderError `upstream.*`, `pace.exhausted`, `aborted`, and whatever `getToken` throws (`auth.*`).
   */
  send(call: Call): Promise<Answer>;
  /**
   * The same for an answer that is read as it arrives. What fails once its body has begun is not tried again here: the
   * chunks throw `upstream.unreachable` or `upstream.timeout`.
   */
  open(call: Call): Promise<StreamedAnswer>;
}

/**
 * Makes the transport: token, pace, retry, limits, and errors with codes, on the pipeline of
 * @azure/core-rest-pipeline.
 *
 * @param options.httpClient The wire itself; default: the library's client on Node's https.
 */
export function createTransport({
  getToken,
  clock,
  version,
  pace,
  httpClient = createDefaultHttpClient(),
  limits = {},
}: {
  readonly getToken: GetToken;
  readonly clock: Clock;
  /** Outrider's own, for the user agent. */
  readonly version: string;
  readonly pace: Pace;
  readonly httpClient?: HttpClient;
  readonly limits?: Partial<CallLimits>;
}): Transport {
  const wire: Wire = { pipeline: createDefenderPipeline(version), httpClient, clock };
  const defaults = { ...CALL_LIMITS, ...limits };

  async function exchange(call: Call, bounds: CallLimits, stream: boolean): Promise<Answered> {
    checkOrigin(call);
    const deadline = clock.now() + bounds.totalMs;
    let token = await tokenFor(call);
    let renewed = false;
    for (let retry = 0; ; ) {
      await takeTurn(call, deadline);
      call.onCall?.();
      const began = clock.now();
      const attemptMs = Math.max(1, Math.min(bounds.attemptMs, deadline - began));
      const outcome = await attempt(wire, call, token, { attemptMs, maxBytes: bounds.maxBytes, stream });
      if (outcome.kind === 'answered' && outcome.status === 401 && !renewed) {
        renewed = true;
        token = await tokenFor(call, token, challengeOfHeader(outcome.headers['www-authenticate']));
        continue;
      }
      if (isSuccess(call, outcome)) return outcome;
      const { error, waitMs } = judge(call, outcome, retry);
      if (waitMs === undefined || retry >= bounds.retries || clock.now() + waitMs >= deadline) throw error;
      if (clock.now() - began >= bounds.longMs) throw error;
      await clock.sleep(waitMs, call.signal);
      retry += 1;
    }
  }

  function tokenFor({ tenant, resource, signal }: Call, refused?: string, claims?: string): Promise<string> {
    return getToken({ tenant, resource, signal, refused, claims });
  }

  async function takeTurn(call: Call, deadline: number): Promise<void> {
    if (call.turn) return call.turn();
    if (!call.family) throw new TypeError(`the call to ${call.purpose} has neither a pace nor a turn`);
    const maxWaitMs = Math.max(0, deadline - clock.now());
    await pace.take({ tenant: call.tenant, family: call.family, signal: call.signal, maxWaitMs });
  }

  async function send(call: Call): Promise<Answer> {
    const bounds = { ...defaults, ...call.limits };
    return answerOf(call, await exchange(call, bounds, false), bounds);
  }

  async function open(call: Call): Promise<StreamedAnswer> {
    const { status, headers, body } = await exchange(call, { ...defaults, ...call.limits }, true);
    if (body.kind !== 'stream') throw unusable(call, `status ${status} where rows should come`);
    const onFault = (fault: Fault): Error =>
      fault.kind === 'timeout' ? timedOut(call) : unreachable(call, fault.code);
    return { status, headers, serviceTime: paddedFromMs(serviceNow(headers)), chunks: body.chunks(onFault) };
  }

  function answerOf(call: Call, outcome: Answered, { maxBytes }: CallLimits): Answer {
    const { status, headers, body } = outcome;
    if (body.kind === 'stream') throw new TypeError('the answer is a stream');
    if (body.kind === 'tooLarge') throw tooLarge(call, maxBytes);
    if (body.kind === 'notText') throw unusable(call, 'not UTF-8');
    return {
      status,
      headers,
      text: body.text,
      bytes: body.bytes,
      serviceTime: paddedFromMs(serviceNow(headers)),
    };
  }

  /** The error that the outcome amounts to, and how long to wait before another try, if one makes sense. */
  function judge(call: Call, outcome: Outcome, retry: number): { error: OutriderError; waitMs?: number } {
    const repeatable = call.idempotent ?? call.method === 'GET';
    const backoff = backoffMs(retry, clock);
    if (outcome.kind !== 'answered') {
      const error = outcome.kind === 'timeout' ? timedOut(call) : unreachable(call, outcome.code);
      return repeatable ? { error, waitMs: backoff } : { error };
    }
    const { status, headers } = outcome;
    if (status >= 300 && status < 400) return { error: unusable(call, `a redirect, status ${status}`) };
    const said = readServiceError(outcome.body.kind === 'text' ? outcome.body.text : '', headers);
    const asked =
      retryAfterMs(headers['retry-after'], serviceNow(headers)) ??
      (status === 429 ? resetMsFromText(said.message, serviceNow(headers)) : undefined);
    if (status === 429 && call.turn) return { error: refusal(call, status, said, asked) };
    if (status === 429 && call.family) pace.pause(call.tenant, call.family, asked ?? backoff);
    if (!RETRYABLE.has(status)) return { error: refusal(call, status, said, asked) };
    const waitMs = asked ?? backoff;
    const error = refusal(call, status, said, waitMs);
    return repeatable ? { error, waitMs } : { error };
  }

  function serviceNow(headers: Readonly<Record<string, string>>): number {
    return httpDateMs(headers.date) ?? clock.now();
  }

  return {
    send: (call) => unlessAborted(call, send),
    open: (call) => unlessAborted(call, open),
  };
}

async function unlessAborted<T>(call: Call, work: (call: Call) => Promise<T>): Promise<T> {
  try {
    return await work(call);
  } catch (error) {
    throw call.signal?.aborted ? abortedError(call.signal, call.tenant) : error;
  }
}

type Answered = Extract<Outcome, { kind: 'answered' }>;

function isSuccess(call: Call, outcome: Outcome): outcome is Answered {
  if (outcome.kind !== 'answered') return false;
  return (
    (outcome.status >= 200 && outcome.status < 300) || (call.expected?.includes(outcome.status) ?? false)
  );
}

/** The token must not leave the origin it is for. */
function checkOrigin(call: Call): void {
  const url = URL.canParse(call.url) ? new URL(call.url) : undefined;
  const bare = url?.username === '' && url.password === '';
  if (url?.protocol !== 'https:' || url.origin !== call.origin || !bare) throw linkRefused(call);
}

function abortedError(signal: AbortSignal, tenant: string): OutriderError {
  if (isOutriderError(signal.reason)) return signal.reason;
  return new OutriderError('aborted', `The call for tenant ${tenant} was stopped before it was done.`, {
    cause: signal.reason,
    tenant,
  });
}
