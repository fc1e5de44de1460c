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
])('health that answers %s says what to do', async (status, text) => {
  const [finding] = await wrong(look(() => new Response('', { status }), OURS));
  expect(finding).toMatchObject({ what: 'health', text: expect.stringContaining(text) });
});

test('degraded is told; a page of somebody else is not taken for health', async () => {
  expect(await wrong(look(() => Response.json({ status: 'degraded' }, { status: 503 }), OURS))).toHaveLength(
    1,
  );
  expect(await wrong(look(() => new Response('<html>'), OURS))).toHaveLength(1);
});

test('a certificate that is not trusted is named', async () => {
  const cause = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' });
  const found = await outsideFindings(URL_, () => Promise.reject(new TypeError('fetch failed', { cause })));
  expect(found).toEqual([
    expect.objectContaining({
      ok: false,
      text: expect.stringMatching(/certificate has expired \(CERT_HAS_EXPIRED\)/),
    }),
  ]);
});
