import type { ServerResponse } from 'node:http';
import type { HttpCookie, HttpData, TypedData } from './worker-contract.ts';

/**
 * Writes what a function answered: its status, headers, cookies and body and nothing else but the length.
 * A function that returned nothing answers 204.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-output#usage
 */
export function writeHttpData(
  response: ServerResponse,
  data: HttpData | undefined,
  customHeaders: Readonly<Record<string, string>>,
): void {
  if (data === undefined) {
    response.writeHead(204, customHeaders).end();
    return;
  }
  const status = Number(data.statusCode ?? 200);
  const body = bytesOf(data.body);
  for (const [name, value] of Object.entries({ ...data.headers, ...customHeaders })) {
    if (!FRAMING.has(name.toLowerCase())) response.setHeader(name, value);
  }
  const cookies = (data.cookies ?? []).map(cookieText);
  if (cookies.length > 0) response.appendHeader('set-cookie', cookies);
  if (status === 204 || status === 205 || status === 304) {
    response.writeHead(status).end();
    return;
  }
  response.setHeader('content-length', body.length);
  response.writeHead(status).end(body);
}

/** Answers with a status and no body. */
export function empty(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'content-length': 0 }).end();
}

// These describe the connection between host and client, which the function does not know.
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

function bytesOf(data: TypedData | null | undefined): Buffer {
  if (data?.bytes) return Buffer.from(data.bytes);
  const text = data?.string ?? data?.json ?? data?.int ?? data?.double;
  return Buffer.from(text === undefined || text === null ? '' : String(text));
}

/** A Set-Cookie value as ASP.NET Core writes it: value percent-encoded, path / unless given. */
function cookieText(cookie: HttpCookie): string {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  if (cookie.expires)
    parts.push(`expires=${new Date(Number(cookie.expires.value.seconds) * 1000).toUTCString()}`);
  if (cookie.maxAge) parts.push(`max-age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.domain) parts.push(`domain=${cookie.domain.value}`);
  parts.push(`path=${cookie.path?.value ?? '/'}`);
  if (cookie.secure?.value) parts.push('secure');
  if (cookie.sameSite && cookie.sameSite !== 'none') {
    parts.push(`samesite=${cookie.sameSite === 'explicitNone' ? 'none' : cookie.sameSite}`);
  }
  if (cookie.httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
}
