import { AsyncLocalStorage } from 'node:async_hooks';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import type { Clock } from '../clock.ts';
import { DeadlineError, withDeadline } from './deadline.ts';
import { type Exchange, isRecord, readAnswer, type SignInAnswer } from './exchange.ts';

export interface SignInNetworkOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** For one request with its retry, in milliseconds. */
  readonly timeoutMs: number;
  /** Origin of the cloud's sign-in service; nothing is sent anywhere else. */
  readonly origin: string;
}

/** msal's way to the wire. */
export interface SignInNetwork {
  readonly client: INetworkModule;
  /** Runs a sign-in whose requests belong to this exchange. */
  run<T>(exchange: Exchange, work: () => Promise<T>): Promise<T>;
}

const MAX_BYTES = 1024 * 1024;

/**
 * A network client for msal over fetch, which msal's own lacks: a time limit, a size limit, an abort signal, no
 * redirects, one host, and one retry when the connection fails (a kept-alive socket that died while the process was
 * frozen). It holds no state of its own, so one serves all tenants.
 *
 * Only good answers reach msal. It would swallow why discovery failed, and after 429, 5xx or Retry-After refuse to
 * send for a minute (client-side throttling), even for a background refresh. The exchange says what came.
 */
export function createSignInNetwork(options: SignInNetworkOptions): SignInNetwork {
  const exchanges = new AsyncLocalStorage<Exchange>();

  async function send<T>(method: 'GET' | 'POST', url: string, request: NetworkRequestOptions = {}) {
    const exchange = exchanges.getStore();
    if (exchange === undefined) throw new Error('a sign-in request outside of a sign-in');
    const { answer, body } = await attempt(options, exchange.signal, method, url, request);
    exchange.answer = answer;
    if (body === undefined) throw new Error('the sign-in service gave no good answer');
    return { status: 200, headers: {}, body: body as T } satisfies NetworkResponse<T>;
  }

  return {
    run: (exchange, work) => exchanges.run(exchange, work),
    client: {
      sendGetRequestAsync: (url, request) => send('GET', url, request),
      sendPostRequestAsync: (url, request) => send('POST', url, request),
    },
  };
}

interface Outcome {
  readonly answer: SignInAnswer;
  /** Present exactly when the answer is good. */
  readonly body?: Record<string, unknown>;
}

async function attempt(
  options: SignInNetworkOptions,
  signal: AbortSignal,
  method: 'GET' | 'POST',
  url: string,
  { headers = {}, body }: NetworkRequestOptions,
): Promise<Outcome> {
  if (URL.parse(url)?.origin !== options.origin) return { answer: { fault: 'unusable' } };
  const init = { method, headers, redirect: 'error', ...(body === undefined ? {} : { body }) } as const;
  try {
    return await withDeadline({ ...options, signal }, async (limited) => {
      const once = (): Promise<Outcome> => exchangeOnce(options, url, { ...init, signal: limited });
      return once().catch((error: unknown) => {
        if (limited.aborted) throw error;
        return once();
      });
    });
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof DeadlineError) return { answer: { fault: 'timeout' } };
    return { answer: { fault: 'network', ...faultCode(error) } };
  }
}

async function exchangeOnce(
  { fetch, clock }: SignInNetworkOptions,
  url: string,
  init: RequestInit,
): Promise<Outcome> {
  const response = await fetch(url, init);
  const body = parse(await readText(response));
  const answer = readAnswer(response.status, response.headers, body, clock.now());
  if (body === undefined) return { answer: { ...answer, fault: 'unusable' } };
  return response.ok ? { answer, body } : { answer };
}

/** At most `MAX_BYTES` of the body; undefined when there is more. */
async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** fetch wraps what happened; its own text says nothing. */
function faultCode(error: unknown): { faultCode?: string } {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  const code = isRecord(cause) ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{2,64}$/.test(code) ? { faultCode: code } : {};
}
