import { gzipSync } from 'node:zlib';

/** One `Authorization` header: a token of the pool by its name, perhaps spoilt, behind a scheme. */
export interface Authorization {
  readonly scheme: string;
  /** Name of a token in the pool. */
  readonly token: string;
  readonly spoilt:
    | { readonly how: 'not' }
    | { readonly how: 'cut' | 'replaced' | 'inserted'; readonly share: number; readonly by: string };
}

/** What is sent after the headers. `coded` says whether the bytes are what `content-encoding` would promise. */
export type Body =
  | { readonly sort: 'none' }
  | { readonly sort: 'text'; readonly text: string; readonly coded: 'plain' | 'gzip' }
  | { readonly sort: 'filled'; readonly byte: number; readonly size: number };

/**
 * A generated request. Texts are binary strings: one character is one byte on the wire, so that what is no UTF-8 and no
 * HTTP can be sent as well.
 */
export interface FuzzRequest {
  /** How the target was made; a row of the table. */
  readonly kind: string;
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly host: string;
  readonly authorizations: readonly Authorization[];
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Body;
  readonly framing: 'length' | 'chunked' | 'both' | 'short';
}

/** Tokens by name: the whole value of the header, as it is sent by a caller that does nothing odd. */
export type TokenPool = ReadonlyMap<string, string>;

/** The text of a header as it is sent. */
export function authorizationText({ scheme, token, spoilt }: Authorization, pool: TokenPool): string {
  const text = (pool.get(token) ?? '').replace(/^Bearer /, '');
  if (spoilt.how === 'not') return scheme + text;
  const at = Math.min(text.length, Math.floor(spoilt.share * text.length));
  const after = spoilt.how === 'replaced' ? at + 1 : at;
  return scheme + text.slice(0, at) + (spoilt.how === 'cut' ? '' : spoilt.by + text.slice(after));
}

/** The bytes of a body, before framing. */
function bodyBytes(body: Body): Buffer {
  if (body.sort === 'none') return Buffer.alloc(0);
  if (body.sort === 'filled') return Buffer.alloc(body.size, body.byte);
  const plain = Buffer.from(body.text, 'latin1');
  return body.coded === 'gzip' ? gzipSync(plain, { level: 1 }) : plain;
}

/** The request as it goes over the wire. */
export function requestBytes(request: FuzzRequest, pool: TokenPool): Buffer {
  const body = bodyBytes(request.body);
  const { framing } = request;
  const lines = [
    `${request.method} ${request.target} ${request.version}`,
    `Host: ${request.host}`,
    ...request.authorizations.map((each) => `Authorization: ${authorizationText(each, pool)}`),
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
  ];
  if (request.body.sort !== 'none') {
    if (framing !== 'chunked')
      lines.push(`Content-Length: ${framing === 'short' ? body.length >> 1 : body.length}`);
    if (framing === 'chunked' || framing === 'both') lines.push('Transfer-Encoding: chunked');
  }
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (request.body.sort === 'none') return head;
  if (framing === 'length' || framing === 'short') return Buffer.concat([head, body]);
  const size = body.length === 0 ? '' : `${body.length.toString(16)}\r\n`;
  return Buffer.concat([head, Buffer.from(size), body, Buffer.from(`${size === '' ? '' : '\r\n'}0\r\n\r\n`)]);
}

/** The request for people: a line for bash that sends it again. Tokens are named, not shown. */
export function curlLine(request: FuzzRequest, url: string): string {
  const { method, target, version, framing } = request;
  const parts = [`curl -isS --path-as-is -X ${quoted(method)} --request-target ${quoted(target)}`];
  const notes = version === 'HTTP/1.1' ? [] : [`as ${quoted(version)}`];
  const header = (text: string) => parts.push(`-H ${quoted(text)}`);
  if (request.host !== new URL(url).host) header(`Host: ${request.host}`);
  for (const { scheme, token, spoilt } of request.authorizations) {
    const how = spoilt.how === 'not' ? '' : `, ${spoilt.how} at ${Math.floor(spoilt.share * 100)} %`;
    header(`Authorization: ${scheme}<${token}${how}>`);
  }
  for (const [name, value] of request.headers) header(`${name}: ${value}`);
  if (request.body.sort !== 'none') {
    const bytes = bodyBytes(request.body);
    const shown = bytes.length > 200 ? `<${bytes.length} bytes>` : bytes.toString('latin1');
    parts.push(`--data-raw ${quoted(shown)}`);
    if (framing !== 'length') notes.push(`framing: ${framing}`);
  }
  const note = notes.length === 0 ? '' : ` # ${notes.join(', ')}`;
  return `${[...parts, url].join(' ')}${note}`;
}

/** Quotes for bash: plain where possible, `$'…'` with escapes where not. */
function quoted(text: string): string {
  if (/^[ -&(-~]*$/.test(text)) return `'${text}'`;
  const escaped = text.replaceAll(/[^ -~]|['\\]/g, (character) =>
    character === "'" || character === '\\'
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `$'${escaped}'`;
}
