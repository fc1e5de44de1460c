import type { IncomingMessage } from 'node:http';
import type { HttpData, Nullable } from './worker-contract.ts';

type NullableMap = Record<string, Nullable<string>>;

/**
 * A request in the worker's terms. As the real host does it, repeated query parameters become one value
 * joined by commas (azure-functions-nodejs-library issue 168), and so do repeated headers.
 */
export function toHttpData(request: {
  readonly message: IncomingMessage;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Buffer;
}): HttpData {
  const { message, url, params, body } = request;
  return {
    method: message.method ?? 'GET',
    url: url.href,
    nullableHeaders: nullable(headersOf(message)),
    nullableQuery: nullable(queryOf(url)),
    nullableParams: nullable(params),
    body: { bytes: body },
  };
}

/** Header names in lower case; values that came several times joined by commas. */
function headersOf(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(message.headersDistinct)) {
    headers[name] = values.join(name === 'cookie' ? '; ' : ',');
  }
  return headers;
}

/** Query parameters, first spelling of a name kept, further values appended with commas. */
function queryOf(url: URL): Record<string, string> {
  const spelling = new Map<string, string>();
  const query: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    const known = spelling.get(name.toLowerCase());
    if (known === undefined) spelling.set(name.toLowerCase(), name);
    query[known ?? name] = known === undefined ? value : `${query[known]},${value}`;
  }
  return query;
}

function nullable(values: Readonly<Record<string, string>>): NullableMap {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}
