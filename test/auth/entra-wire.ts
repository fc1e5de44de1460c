/** A request as it went out. */
export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  readonly form: URLSearchParams;
  readonly signal: AbortSignal | undefined;
}

/** What the wire does with a request; a token when nothing is said. */
export type WireAnswer =
  | { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> }
  | 'reset'
  | 'hang'
  | undefined;

export interface EntraWire {
  readonly fetch: typeof fetch;
  readonly sent: readonly SentRequest[];
  /** Decides about the requests from now on. */
  answer(how: (request: SentRequest) => WireAnswer | Promise<WireAnswer>): void;
}

/** As little of the sign-in service as msal needs: new tokens, one by one, that live for 3599 seconds. */
export function createEntraWire(): EntraWire {
  const sent: SentRequest[] = [];
  let issued = 0;
  let decide: (request: SentRequest) => WireAnswer | Promise<WireAnswer> = () => undefined;

  async function answerTo(request: SentRequest): Promise<Response> {
    const answer = await decide(request);
    if (answer === 'reset')
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
    if (answer === 'hang') return hang(request.signal);
    if (answer !== undefined) {
      const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      return new Response(body, { status: answer.status, headers: answer.headers ?? {} });
    }
    issued += 1;
    return Response.json({ token_type: 'Bearer', expires_in: 3599, access_token: `token-${issued}` });
  }

  return {
    sent,
    answer(how) {
      decide = how;
    },
    fetch: async (input, init) => {
      const request = {
        method: init?.method ?? 'GET',
        url: new URL(String(input)),
        form: new URLSearchParams(String(init?.body ?? '')),
        signal: init?.signal ?? undefined,
      };
      sent.push(request);
      return answerTo(request);
    },
  };
}

function hang(signal: AbortSignal | undefined): Promise<Response> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

/** An error answer in the service's form, with a sentence that nobody may read or repeat. */
export function refusal(
  number: number,
  { status = 400, error = 'invalid_request', headers = {} } = {},
): WireAnswer {
  return {
    status,
    headers,
    body: {
      error,
      error_codes: [number],
      error_description: `AADSTS${number}: SENTENCE-OF-THE-SERVICE secret-value-1`,
      trace_id: '11111111-2222-4333-8444-555555555555',
    },
  };
}
