import { EXIT, fail } from '../output/failure.ts';

/** An answer of the deployed app. */
export interface ApiAnswer<Body> {
  readonly status: number;
  /** To be sent with the next change of what was answered. */
  readonly etag: string | undefined;
  readonly body: Body;
}

export interface ApiCall {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: object | undefined;
  /** ETag of what is changed. */
  readonly ifMatch?: string | undefined;
  /** A status that is an answer here and no refusal, though it is 400 or more. */
  readonly alsoAnswer?: number;
}

/** The HTTP API of a deployment, as whoever the command works for. */
export interface OutriderApi {
  /** @throws CommandFailure with what the app says is wrong; 2 for a request that cannot be, 1 for any other no */
  call<Body>(path: string, call?: ApiCall): Promise<ApiAnswer<Body>>;
  /** All items of a listing, page by page. */
  items<Item>(path: string): Promise<readonly Item[]>;
}

const TIMEOUT_MS = 60_000;

interface Problem {
  readonly detail?: unknown;
  readonly errors?: unknown;
  readonly correlationId?: unknown;
}

/** @param url without a slash at its end */
export function createOutriderApi({
  url,
  getToken,
  fetch: send = fetch,
}: {
  readonly url: string;
  readonly getToken: () => Promise<string>;
  /** Default Node's own. */
  readonly fetch?: typeof fetch;
}): OutriderApi {
  async function call<Body>(
    path: string,
    { method = 'GET', body, ifMatch, alsoAnswer }: ApiCall = {},
  ): Promise<ApiAnswer<Body>> {
    // A link of an answer may lead to another host: the token goes to this one alone.
    const address = new URL(path, url);
    if (address.origin !== url)
      fail(EXIT.no, `The app answered with a link to another host, ${address.origin}.`);
    const authorization = `Bearer ${await getToken()}`;
    let response: Response;
    try {
      response = await send(address, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          authorization,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      return fail(EXIT.no, `The Outrider API at ${url} cannot be reached (${reasonOf(error)}).`);
    }
    const answered = await bodyOf(response, url);
    if (!response.ok && response.status !== alsoAnswer) return refuse(response, answered as Problem);
    return {
      status: response.status,
      etag: response.headers.get('etag') ?? undefined,
      body: answered as Body,
    };
  }

  return {
    call,
    async items<Item>(path: string) {
      const items: Item[] = [];
      for (let next: string | undefined = path; next !== undefined; ) {
        const { body }: ApiAnswer<{ value: Item[]; nextLink?: string }> = await call(next);
        items.push(...body.value);
        next = body.nextLink;
      }
      return items;
    },
  };
}

async function bodyOf(response: Response, url: string): Promise<unknown> {
  const text = await response
    .text()
    .catch((error: unknown) =>
      fail(EXIT.no, `The answer of the Outrider API at ${url} breaks off (${reasonOf(error)}). Try again.`),
    );
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return fail(
      EXIT.no,
      `What answers at ${url} is not the Outrider API (${response.status}, no JSON). Is the address right, and the app running?`,
    );
  }
}

function refuse({ status }: Response, { detail, errors, correlationId }: Problem): never {
  const told = typeof detail === 'string' ? detail : `The Outrider API answered ${status}.`;
  // The text names each fault already.
  const more = Array.isArray(errors) && typeof detail !== 'string' ? ` ${errors.join(' ')}` : '';
  const where = typeof correlationId === 'string' && status >= 500 ? ` Correlation id ${correlationId}.` : '';
  return fail(status === 400 ? EXIT.usage : EXIT.no, `${told}${more}${where}`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} seconds`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
