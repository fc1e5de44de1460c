import { expect, test } from 'vitest';
import { CLOUDS } from '../../shared/clouds.ts';
import { refusal } from './entra-wire.ts';
import { APP, createSource, OTHER, TENANT, testTenant } from './source-fixture.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Lets what runs in the background get to its end; time stands still. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
}

test('a hundred cold callers of one tenant send one request in all, and it is the documented one', async () => {
  const { clock, getToken, wire } = createSource();
  const tokens = await clock.run(
    Promise.all(Array.from({ length: 100 }, () => getToken({ tenant: TENANT, resource: 'graph' }))),
  );
  expect(new Set(tokens)).toEqual(new Set(['token-1']));
  expect(wire.sent).toHaveLength(1);
  const [request] = wire.sent;
  expect(request?.method).toBe('POST');
  expect(request?.url.href).toMatch(`https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`);
  expect(Object.fromEntries(request?.form ?? [])).toMatchObject({
    grant_type: 'client_credentials',
    client_id: APP,
    client_secret: 'secret-value-1',
    scope: 'https://graph.microsoft.com/.default',
  });
});

test('a government tenant signs in at its own cloud', async () => {
  const { token, wire } = createSource({ cloud: CLOUDS.gcchigh });
  await token();
  expect(wire.sent.map(({ url }) => url.host)).toEqual(['login.microsoftonline.us']);
  expect(wire.sent[0]?.form.get('scope')).toBe('https://graph.microsoft.us/.default');
});

test('tenants and resources have tokens of their own', async () => {
  const { clock, getToken, wire } = createSource();
  const wishes = [TENANT, OTHER].flatMap((tenant) =>
    (['graph', 'xdr'] as const).map((resource) => ({ tenant, resource })),
  );
  const tokens = await clock.run(Promise.all(wishes.map(getToken)));
  expect(new Set(tokens).size).toBe(4);
  expect(await clock.run(Promise.all(wishes.map(getToken)))).toEqual(tokens);
  expect(wire.sent.map(({ url }) => url.pathname.split('/')[1]).sort()).toEqual([
    TENANT,
    TENANT,
    OTHER,
    OTHER,
  ]);
});

test('refreshes 5 to 10 minutes before the end in the background, while the old token is served', async () => {
  const { clock, token, wire } = createSource();
  expect(await token()).toBe('token-1');
  clock.advance(49 * MINUTE);
  expect(await token()).toBe('token-1');
  expect(wire.sent).toHaveLength(1);
  clock.advance(6 * MINUTE);
  expect(await token()).toBe('token-1');
  await settle();
  expect(wire.sent).toHaveLength(2);
  expect(await token()).toBe('token-2');
});

test('an outage is not felt before the token ends, is asked about ever more seldom, and is over at once', async () => {
  const { clock, token, failure, wire } = createSource();
  await token();
  wire.answer(() => ({ status: 503, headers: { 'retry-after': '1' }, body: '<html>down</html>' }));
  clock.advance(53 * MINUTE);
  for (let seconds = 0; seconds < 360; seconds += 1) {
    expect(await token()).toBe('token-1');
    await settle();
    clock.advance(SECOND);
  }
  expect(wire.sent.length - 1).toBeGreaterThanOrEqual(3);
  expect(wire.sent.length - 1).toBeLessThanOrEqual(6);

  clock.advance(30 * SECOND);
  const error = await failure();
  expect(error).toMatchObject({ code: 'auth.unavailable', facts: { tenant: TENANT, status: 503 } });
  wire.answer(() => undefined);
  // msal alone would now refuse to send for a minute.
  expect(await token()).toBe('token-2');
});

test('sign-in that says when to come back is left alone until then', async () => {
  const { clock, token, failure, wire } = createSource();
  wire.answer(() => refusal(90055, { status: 429, headers: { 'retry-after': '90' } }));
  expect((await failure()).facts.retryAfterMs).toBe(90_000);
  clock.advance(60 * SECOND);
  expect(await failure()).toMatchObject({ code: 'auth.throttled', facts: { retryAfterMs: 30_000 } });
  expect(await failure(OTHER)).toMatchObject({ code: 'auth.throttled' });
  expect(wire.sent).toHaveLength(2);
  clock.advance(30 * SECOND);
  wire.answer(() => undefined);
  expect(await token()).toBe('token-1');
});

test('429 without a word more is throttling, too', async () => {
  const { failure, wire } = createSource();
  wire.answer(() => ({ status: 429, body: 'slow down' }));
  expect(await failure()).toMatchObject({ code: 'auth.throttled', facts: { status: 429 } });
  await failure();
  expect(wire.sent).toHaveLength(2);
});

test('one broken connection is retried, a second one is an error', async () => {
  const { token, failure, wire } = createSource();
  wire.answer(() => (wire.sent.length === 1 ? 'reset' : undefined));
  expect(await token()).toBe('token-1');
  expect(wire.sent).toHaveLength(2);
  wire.answer(() => 'reset');
  const error = await failure(OTHER);
  expect(error.code).toBe('auth.unavailable');
  expect(error.message).toContain('ECONNRESET');
  expect(wire.sent).toHaveLength(4);
});

test('sign-in that hangs is given up after the time limit', async () => {
  const { clock, failure, wire } = createSource({ timeoutMs: 15_000 });
  const begun = clock.now();
  wire.answer(() => 'hang');
  expect(await failure()).toMatchObject({
    code: 'auth.unavailable',
    message: expect.stringContaining('did not answer in time'),
  });
  expect(clock.now() - begun).toBe(15_000);
  expect(wire.sent).toHaveLength(1);
});

test('an endless and an unreadable answer are errors', async () => {
  const { failure, wire } = createSource();
  wire.answer(() => ({
    status: 200,
    body: `{"token_type":"Bearer","expires_in":3599,"access_token":"${'x'.repeat(1024 * 1024)}"}`,
  }));
  expect(await failure()).toMatchObject({ code: 'auth.unavailable' });
  wire.answer(() => ({ status: 200, body: '<html>sign in here</html>' }));
  expect(await failure()).toMatchObject({ code: 'auth.unavailable' });
  wire.answer(() => ({ status: 200, body: { token_type: 'Bearer', access_token: 'eternal' } }));
  expect(await failure()).toMatchObject({ code: 'auth.unavailable' });
});

test('an aborted caller leaves alone; the request is aborted when the last one has left', async () => {
  const { clock, getToken, wire } = createSource();
  const requestSignal = new AbortController();
  wire.answer(
    () => new Promise((resolve) => requestSignal.signal.addEventListener('abort', () => resolve(undefined))),
  );
  const [first, second] = [new AbortController(), new AbortController()];
  const one = getToken({ tenant: TENANT, resource: 'graph', signal: first.signal });
  const two = getToken({ tenant: TENANT, resource: 'graph', signal: second.signal });
  await settle();
  first.abort();
  await expect(one).rejects.toMatchObject({ code: 'aborted', facts: { tenant: TENANT } });
  requestSignal.abort();
  expect(await clock.run(two)).toBe('token-1');

  wire.answer(() => 'hang');
  const third = getToken({ tenant: OTHER, resource: 'graph', signal: second.signal });
  await settle();
  second.abort();
  await expect(third).rejects.toMatchObject({ code: 'aborted' });
  expect(wire.sent.map((request) => request.signal?.aborted)).toEqual([false, true]);
  wire.answer(() => undefined);
  expect(await clock.run(getToken({ tenant: OTHER, resource: 'graph' }))).toBe('token-2');
});

test('a refused token is replaced once for all who had it, and not again and again', async () => {
  const { clock, getToken, token, wire } = createSource();
  const first = await token();
  const wish = { tenant: TENANT, resource: 'graph', refused: first } as const;
  const replaced = await clock.run(Promise.all(Array.from({ length: 20 }, () => getToken(wish))));
  expect(new Set(replaced)).toEqual(new Set(['token-2']));
  expect(await clock.run(getToken(wish))).toBe('token-2');
  expect(wire.sent).toHaveLength(2);
  await expect(clock.run(getToken({ ...wish, refused: 'token-2' }))).rejects.toMatchObject({
    code: 'auth.refused',
  });
  expect(wire.sent).toHaveLength(2);
  clock.advance(MINUTE);
  expect(await clock.run(getToken({ ...wish, refused: 'token-2' }))).toBe('token-3');
});

test('a new token that is the refused one again is an error', async () => {
  const { clock, getToken, token, wire } = createSource();
  await token();
  const same = { token_type: 'Bearer', expires_in: 3599, access_token: 'token-1' };
  wire.answer(() => ({ status: 200, body: same }));
  const wish = { tenant: TENANT, resource: 'graph', refused: 'token-1' } as const;
  await expect(clock.run(getToken(wish))).rejects.toMatchObject({ code: 'auth.refused' });
});

test('only enabled tenants of the list get tokens, and nothing is sent for others', async () => {
  const { failure, tenants, token, wire } = createSource();
  tenants.set('../common', testTenant('../common'));
  expect(await failure('../common')).toMatchObject({ code: 'tenant.unknown' });
  expect(await failure('99999999-0000-4000-8000-000000000009')).toMatchObject({ code: 'tenant.unknown' });
  tenants.set(OTHER, testTenant(OTHER, { enabled: false }));
  expect(await failure(OTHER)).toMatchObject({ code: 'tenant.disabled', facts: { tenant: OTHER } });
  expect(wire.sent).toHaveLength(0);
  await token();
  tenants.set(TENANT, testTenant(TENANT, { enabled: false }));
  expect(await failure()).toMatchObject({ code: 'tenant.disabled' });
});

test('the id may come in any letter case', async () => {
  const { token, tenants, wire } = createSource();
  const id = 'abcdefab-0000-4000-8000-000000000001';
  tenants.set(id, testTenant(id));
  expect(await token(id.toUpperCase())).toBe(await token(id));
  expect(wire.sent[0]?.url.pathname).toContain(id);
});

test('other settings of a tenant are heeded at once; the same ones made anew keep the token', async () => {
  const { tenants, token, wire } = createSource();
  const first = await token();
  tenants.set(TENANT, testTenant(TENANT));
  expect(await token()).toBe(first);
  const clientId = 'bbbbbbbb-0000-4000-8000-00000000000b';
  tenants.set(
    TENANT,
    testTenant(TENANT, { credential: { kind: 'secret', clientId, secretName: 'app-secret' } }),
  );
  expect(await token()).not.toBe(first);
  expect(wire.sent[1]?.form.get('client_id')).toBe(clientId);
});

test('a tenant that is pushed out while its token is on the way still gets it', async () => {
  const { clock, getToken, token, wire } = createSource({ maxTenants: 1 });
  let letGo = (): void => {};
  const held = new Promise<undefined>((resolve) => {
    letGo = () => resolve(undefined);
  });
  wire.answer((request) => (request.url.pathname.includes(TENANT) ? held : undefined));
  const waiting = getToken({ tenant: TENANT, resource: 'graph' });
  await settle();
  expect(await token(OTHER)).toBe('token-1');
  letGo();
  expect(await clock.run(waiting)).toBe('token-2');
});
