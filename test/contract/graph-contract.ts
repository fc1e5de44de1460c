import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Document, OpenAPIBackend } from 'openapi-backend';
import { responseSchema, strictDocument } from './contract-document.ts';

/** A request as a client sends it. */
export interface SentRequest {
  readonly method: string;
  /** Absolute, as on the wire. */
  readonly url: string;
  /** In any letter case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What came back for a request. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As on the wire. */
  readonly text: string;
}

/** The published contract of Graph security v1.0, in its strict form. Both checks give what is wrong, one line each. */
export interface GraphContract {
  checkRequest(request: SentRequest): string[];
  checkResponse(request: SentRequest, response: ReceivedResponse): string[];
}

const HOSTS = ['graph.microsoft.com', 'graph.microsoft.us', 'dod-graph.microsoft.us'];
const NEW_MEMBERS = 'include-unknown-enum-members';

export async function loadGraphContract(): Promise<GraphContract> {
  const router = await createRouter();
  const known = createResponseCheck({ newMembers: false });
  const all = createResponseCheck({ newMembers: true });

  return {
    checkRequest(request) {
      const parsed = parseRequest(request);
      const operation = router.matchOperation(parsed);
      const faults = wireFaults(request);
      if (!operation) return [...faults, `${request.method} ${request.url}: no such operation`];
      return [...faults, ...describe(router.validateRequest(parsed, operation).errors)];
    },
    checkResponse(request, response) {
      const operationId = router.matchOperation(parseRequest(request))?.operationId;
      if (operationId === undefined) return [`${request.method} ${request.url}: no such operation`];
      const check = header(request.headers, 'prefer') === NEW_MEMBERS ? all : known;
      return check(operationId, response);
    },
  };
}

/** Finds operations and checks requests. */
async function createRouter(): Promise<OpenAPIBackend> {
  const router = new OpenAPIBackend({
    definition: strictDocument({ newMembers: true }) as unknown as Document,
    apiRoot: '/v1.0',
    // Its own check of the document knows OpenAPI 3.0 only; this one is 3.1.
    quick: true,
    ajvOpts: { strict: false, formats: { uuid: UUID } },
  });
  await router.init();
  return router;
}

/** Checks responses, with references kept: resolved in place, the evidence types would be compiled over and over. */
function createResponseCheck(options: {
  readonly newMembers: boolean;
}): (operationId: string, response: ReceivedResponse) => string[] {
  const document = strictDocument(options);
  const ajv = new Ajv2020({ strict: false, discriminator: true, formats: FORMATS });
  ajv.addSchema(document, 'contract');
  return (operationId, { status, headers, text }) => {
    const schema = responseSchema(document, operationId, status);
    if (schema === undefined) return [`status ${status} is not in the contract of ${operationId}`];
    const type = header(headers, 'content-type') ?? '';
    if (!type.startsWith('application/json')) return [`content-type is '${type}', not JSON`];
    const body = parseBody(text);
    if (body === undefined) return ['the body is not JSON'];
    const validate = ajv.getSchema(`contract${schema}`);
    if (!validate) throw new Error(`the contract has no schema ${schema}`);
    validate(body);
    return describe(validate.errors);
  };
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const inRange = (low: number, high: number) => ({
  type: 'number' as const,
  validate: (value: number) => Number.isInteger(value) && value >= low && value <= high,
});

const FORMATS = {
  int32: inRange(-(2 ** 31), 2 ** 31 - 1),
  int64: { type: 'number' as const, validate: Number.isInteger },
  double: { type: 'number' as const, validate: Number.isFinite },
  uri: (text: string) => URL.canParse(text) && !/[\s"<>\\^`{|}]/.test(text),
  uuid: UUID,
  'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
  base64url: /^[\w-]*={0,2}$/,
  uint8: inRange(0, 255),
  int16: inRange(-(2 ** 15), 2 ** 15 - 1),
  decimal: { type: 'number' as const, validate: Number.isFinite },
};

function parseRequest({ method, url, headers, body }: SentRequest) {
  const mark = url.indexOf('?');
  const query = mark < 0 ? '' : url.slice(mark + 1);
  return {
    method,
    path: new URL(url).pathname,
    // The place in a list that the service wrote into its own link is the service's business.
    query: query
      .split('&')
      .filter((pair) => !/^(?:\$|%24)skiptoken=/i.test(pair))
      .join('&'),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body,
  };
}

/** What the OpenAPI document does not say: where requests may go, what must be encoded, how they sign in. */
function wireFaults({ url, headers }: SentRequest): string[] {
  const faults: string[] = [];
  const { protocol, host } = new URL(url);
  if (protocol !== 'https:' || !HOSTS.includes(host))
    faults.push(`${protocol}//${host} is not a Graph endpoint`);
  if (/[\s'"<>]/.test(url)) faults.push(`${url} holds characters that must be percent-encoded`);
  if (!/^Bearer \S+$/.test(header(headers, 'authorization') ?? '')) faults.push('no bearer token');
  const prefer = header(headers, 'prefer');
  if (prefer !== undefined && prefer !== NEW_MEMBERS) faults.push(`Prefer: ${prefer} is not documented here`);
  return faults;
}

function header(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Errors = ReturnType<OpenAPIBackend['validateRequest']>['errors'];

const describe = (errors: Errors): string[] =>
  (errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
