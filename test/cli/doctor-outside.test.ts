import { expect, test } from 'vitest';
import { outsideFindings } from '../../cli/commands/doctor/outside.ts';

const URL_ = 'https://func.example';
const HEALTH = `${URL_}/api/health`;
const WELL = (): Response => Response.json({ status: 'ok' });
/** As App Service's own fence answers: no JSON. */
const PLATFORM = (): Response => new Response('You do not have permission', { status: 401 });
const OURS = (): Response => Response.json({ code: 'request.unauthenticated' }, { status: 401 });

const look = (health: () => Response, tenants: (token: string | null) => Response) =>
  outsideFindings(URL_, async (address, init) =>
    String(address) === HEALTH ? health() : tenants(new Headers(init?.headers).get('authorization')),
  );
const wrong = async (found: ReturnType<typeof look>) => (await found).filter(({ ok }) => !ok);

test('closed by the platform, or by Outrider itself', async () => {
  expect(await wrong(look(WELL, PLATFORM))).toEqual([]);
  expect((await look(WELL, PLATFORM)).map(({ text }) => text)).toContain(
    '401 by the platform, before Outrider is asked',
  );
  expect((await look(WELL, OURS)).map(({ text }) => text)).toContain('401 by Outrider itself');
});

test('open to everybody, or to a forged token alone', async () => {
  expect(await wrong(look(WELL, () => Response.json({ value: [] })))).toHaveLength(2);
  const forged = await wrong(look(WELL, (token) => (token ? Response.json({ value: [] }) : OURS())));
  expect(forged).toEqual([expect.objectContaining({ what: 'fence, with a forged token', ok: false })]);
});

test.each([
  [401, 'excludedPaths'],
  [403, 'its own network'],
  [404, 'not published'],
  [302, 'not Outrider'],
  [500, 'Application Insights'],
])('health that answers %s says what to do, and nothing else is told', async (status, text) => {
  const found = await wrong(look(() => new Response('', { status }), status === 401 ? PLATFORM : WELL));
  expect(found).toEqual([expect.objectContaining({ what: 'health', text: expect.stringContaining(text) })]);
});

test('degraded is told, and the fence is looked at all the same', async () => {
  const found = await look(() => Response.json({ status: 'degraded' }, { status: 503 }), OURS);
  expect(found.filter(({ ok }) => !ok)).toHaveLength(1);
  expect(found).toHaveLength(4);
});

test('whoever is not Outrider is told once, with what prints the right address, and sees no token', async () => {
  const tokens: unknown[] = [];
  const found = await look(
    () => new Response('<html>'),
    (token) => {
      tokens.push(token);
      return WELL();
    },
  );
  expect(found.map(({ what, ok }) => [what, ok])).toEqual([
    ['address', true],
    ['health', false],
  ]);
  expect(found[1]?.text).toMatch(/not Outrider.*az deployment sub show .*properties\.outputs\.url\.value/);
  expect(tokens).toEqual([]);
});

test.each([
  ['CERT_HAS_EXPIRED', 'certificate has expired', /NODE_EXTRA_CA_CERTS/],
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND func.example', /is this machine online\?.*az deployment sub show/],
  ['ECONNREFUSED', 'connect ECONNREFUSED', /az functionapp start/],
])('%s: what it was, and what to do', async (code, message, next) => {
  const cause = Object.assign(new Error(message), { code });
  const found = await outsideFindings(URL_, () => Promise.reject(new TypeError('fetch failed', { cause })));
  expect(found).toEqual([expect.objectContaining({ ok: false, text: expect.stringMatching(next) })]);
  expect(found[0]?.text).toContain(`${message} (${code})`);
});
