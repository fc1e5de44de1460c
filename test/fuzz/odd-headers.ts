import fc from 'fast-check';
import { utf8 } from './odd-texts.ts';

/** What App Service puts into requests that it has signed in itself; here it is forged. */
const PRINCIPAL = Buffer.from(
  JSON.stringify({
    auth_typ: 'aad',
    claims: [
      { typ: 'roles', val: 'Incidents.Read' },
      { typ: 'roles', val: 'Incidents.Sync' },
    ],
  }),
).toString('base64');
const FORGED: readonly (readonly [string, string])[] = [
  ['x-ms-client-principal-id', '33333333-3333-4333-8333-333333333333'],
  ['x-ms-client-principal-name', 'admin@contoso.com'],
  ['x-ms-client-principal-idp', 'aad'],
  ['x-ms-token-aad-access-token', 'forged'],
  ['x-functions-key', 'master'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-forwarded-host', 'evil.example'],
  ['x-original-url', '/api/health'],
  ['x-rewrite-url', '/api/health'],
  ['x-http-method-override', 'POST'],
  ['cookie', 'AppServiceAuthSession=forged'],
];
const ODD: readonly (readonly [string, string])[] = [
  ['x-correlation-id', 'abcdefgh-12345678'],
  ['x-correlation-id', '"><script>'],
  ['x-correlation-id', 'a'.repeat(65)],
  ['x-ms-client-request-id', 'id-of-the-client'],
  ['traceparent', '00-zz-zz-zz'],
  ['content-type', 'application/xml; charset=utf-7'],
  ['content-type', 'multipart/form-data'],
  ['content-type', 'multipart/form-data; boundary=x'],
  ['content-type', ';;;='],
  ['content-type', 'application/json; charset=nonsense'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'br, gzip, x'],
  ['accept', 'text/html'],
  ['accept', ';q=9'],
  ['accept-encoding', 'gzip;q=0, *;q=0'],
  ['accept-language', 'x'.repeat(200)],
  ['expect', '100-continue'],
  ['range', 'bytes=0-1'],
  ['if-none-match', '*'],
  ['origin', 'null'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['x-empty', ''],
  ['x-bytes', '\xff\xfe\x80'],
  ['x-latin', 'caf\xe9'],
  ['x-utf8', utf8('日本語')],
  ['x-long', 'x'.repeat(9_000)],
];
/** What a host may refuse, or must. */
const NO_HTTP: readonly (readonly [string, string])[] = [
  ['expect', 'nothing'],
  ['connection', 'upgrade'],
  ['upgrade', 'websocket'],
  ['transfer-encoding', 'gzip'],
  ['content-length', '-1'],
  ['host', 'second.example'],
  ['x-nul', 'a\u0000b'],
  ['bad name', 'x'],
  ['x-long', 'x'.repeat(20_000)],
];
/** A few headers that a caller may try. */
export const oddHeaders = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(['x-ms-client-principal', PRINCIPAL] as const) },
    { weight: 4, arbitrary: fc.constantFrom(...FORGED) },
    { weight: 6, arbitrary: fc.constantFrom(...ODD) },
    { weight: 1, arbitrary: fc.constantFrom(...NO_HTTP) },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constantFrom('x-any', 'accept', 'user-agent', 'cookie'),
        fc.string({ unit: 'binary-ascii', maxLength: 30 }).map((text) => text.replaceAll(/[\r\n]/g, ' ')),
      ),
    },
  ),
  { maxLength: 2 },
);
