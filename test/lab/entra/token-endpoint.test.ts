import { describe, expect, test } from 'vitest';
import {
  API,
  accessToken,
  CUSTOMER,
  createLab,
  type ErrorBody,
  GOVERNMENT,
  HOME,
  READER,
  request,
  SECRET,
  tokenRequest,
  verdictOf,
} from './fixture.ts';

const ELSEWHERE = '99999999-9999-4999-8999-999999999999';

describe('what is refused, and with which number', () => {
  const cases: readonly [
    why: string,
    form: Record<string, string | undefined>,
    status: number,
    error: string,
    number: number,
  ][] = [
    ['no grant type', { grant_type: undefined }, 400, 'invalid_request', 900144],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
    ['no client id', { client_id: undefined }, 400, 'invalid_request', 900144],
    ['an unknown app', { client_id: ELSEWHERE }, 400, 'unauthorized_client', 700016],
    ['an app not installed here', { client_id: API }, 400, 'unauthorized_client', 700016],
    ['no scope', { scope: undefined }, 400, 'invalid_request', 900144],
    [
      'a single permission',
      { scope: 'https://graph.microsoft.com/User.Read' },
      400,
      'invalid_scope',
      1002012,
    ],
    [
      'two resources',
      { scope: 'https://graph.microsoft.com/.default https://storage.azure.com/.default' },
      400,
      'invalid_scope',
      70011,
    ],
    ['an unknown resource', { scope: 'https://nobody.example/.default' }, 400, 'invalid_resource', 500011],
    ['an API of another tenant', { scope: `api://${API}/.default` }, 400, 'invalid_resource', 500011],
    ['no credential', { client_secret: undefined }, 401, 'invalid_client', 7000216],
    ['a wrong secret', { client_secret: `${SECRET}x` }, 401, 'invalid_client', 7000215],
    [
      'an assertion of no known type',
      { client_secret: undefined, client_assertion: 'a.b.c' },
      400,
      'invalid_request',
      50027,
    ],
  ];
  test.each(cases)('%s', async (_why, form, status, error, number) => {
    const { entra, secrets } = createLab();
    const answer = await entra.service.handle(tokenRequest(form));
    expect(verdictOf(answer)).toEqual({ status, error, number });
    expect(secrets).toEqual([]);
  });

  test('an expired secret, told apart from a wrong one', async () => {
    const { entra, clock, reader } = createLab();
    clock.time = reader.secrets[0]?.expiresAt ?? 0;
    const answer = await entra.service.handle(tokenRequest());
    expect(verdictOf(answer)).toEqual({ status: 401, error: 'invalid_client', number: 7000222 });
  });

  test('an unknown tenant, and a tenant of another cloud', async () => {
    const { entra } = createLab();
    for (const tenant of [ELSEWHERE, GOVERNMENT]) {
      const answer = await entra.service.handle(tokenRequest({}, { tenant }));
      expect(verdictOf(answer)).toEqual({ status: 400, error: 'invalid_request', number: 90002 });
    }
  });

  test('a missing service principal by its newer number, when set so', async () => {
    const { entra, reader } = createLab();
    delete reader.grants[CUSTOMER];
    entra.settings.missingPrincipal = 7000229;
    expect(verdictOf(await entra.service.handle(tokenRequest()))).toEqual({
      status: 401,
      error: 'invalid_client',
      number: 7000229,
    });
  });

  test('a Microsoft service that the tenant does not have', async () => {
    const { entra, directory } = createLab();
    const customer = directory.tenants.find(({ id }) => id === CUSTOMER);
    if (customer !== undefined) customer.resources = ['https://graph.microsoft.com'];
    const refused = await entra.service.handle(
      tokenRequest({ scope: 'https://api.security.microsoft.com/.default' }),
    );
    expect(verdictOf(refused).number).toBe(500011);
    expect((await entra.service.handle(tokenRequest())).status).toBe(200);
  });

  test('any method but POST, and paths that are not there', async () => {
    const { entra } = createLab();
    const get = await entra.service.handle(
      request('GET', `https://login.microsoftonline.com/${CUSTOMER}/oauth2/v2.0/token`),
    );
    expect(verdictOf(get).number).toBe(900561);
    const nowhere = await entra.service.handle(
      request('GET', `https://login.microsoftonline.com/${CUSTOMER}/oauth2/v2.0/userinfo`),
    );
    expect(nowhere.status).toBe(404);
  });
});

test('an error answer has the documented fields, and says nothing secret', async () => {
  const { entra } = createLab();
  const sent = tokenRequest({ client_secret: 'not-the-secret' });
  const answer = await entra.service.handle({ ...sent, headers: { 'client-request-id': 'my-id' } });
  const body = answer.body as ErrorBody;
  expect(body).toEqual({
    error: 'invalid_client',
    error_description: expect.stringMatching(
      /^AADSTS7000215: .+ Trace ID: \S+ Correlation ID: my-id Timestamp: 2026-11-21 12:00:00Z$/,
    ),
    error_codes: [7000215],
    timestamp: '2026-11-21 12:00:00Z',
    trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    correlation_id: 'my-id',
    error_uri: 'https://login.microsoftonline.com/error?code=7000215',
  });
  expect(JSON.stringify(answer)).not.toContain('not-the-secret');
});

describe('what is given', () => {
  test('a bearer token that is never stored on the way', async () => {
    const { entra, secrets } = createLab();
    entra.settings.tokenLifetimeSeconds = 3599;
    const answer = await entra.service.handle(tokenRequest());
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store, no-cache', pragma: 'no-cache' });
    expect(answer.body).toEqual({
      token_type: 'Bearer',
      expires_in: 3599,
      ext_expires_in: 3599,
      access_token: expect.any(String),
    });
    expect(secrets).toEqual([accessToken(answer), SECRET]);
  });

  test('a secret that was added, until the one before it is taken away', async () => {
    const { entra, reader, clock } = createLab();
    reader.secrets.push({ value: 'new', expiresAt: clock.time + 1 });
    expect((await entra.service.handle(tokenRequest({ client_secret: 'new' }))).status).toBe(200);
    expect((await entra.service.handle(tokenRequest())).status).toBe(200);
    reader.secrets.shift();
    expect(verdictOf(await entra.service.handle(tokenRequest())).number).toBe(7000215);
  });

  test('refresh_in, half of the life, only when the token lives over two hours and it is set so', async () => {
    const { entra } = createLab();
    entra.settings.tokenLifetimeSeconds = 7200;
    expect((await entra.service.handle(tokenRequest())).body).not.toHaveProperty('refresh_in');
    entra.settings.tokenLifetimeSeconds = 86_400;
    expect((await entra.service.handle(tokenRequest())).body).toHaveProperty('refresh_in', 43_200);
    entra.settings.refreshIn = false;
    expect((await entra.service.handle(tokenRequest())).body).not.toHaveProperty('refresh_in');
  });

  test('lifetimes of 60 to 90 minutes, the same in every run', async () => {
    const lifetimes = async (): Promise<number[]> => {
      const { entra } = createLab();
      const answers = [];
      for (let i = 0; i < 5; i += 1) answers.push(await entra.service.handle(tokenRequest()));
      return answers.map((answer) => (answer.body as { expires_in: number }).expires_in);
    };
    const first = await lifetimes();
    expect(first).toEqual(await lifetimes());
    expect(new Set(first).size).toBeGreaterThan(1);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(3599);
    expect(Math.max(...first)).toBeLessThan(5400);
  });

  test('a token at the government host for a tenant of that cloud', async () => {
    const { entra, reader } = createLab();
    reader.grants[GOVERNMENT] = { 'https://graph.microsoft.us': ['SecurityIncident.Read.All'] };
    const answer = await entra.service.handle(
      tokenRequest(
        { scope: 'https://graph.microsoft.us/.default' },
        { tenant: GOVERNMENT, host: 'login.microsoftonline.us' },
      ),
    );
    const verdict = await entra.judge.verify(`Bearer ${accessToken(answer)}`, ['https://graph.microsoft.us']);
    expect(verdict).toMatchObject({ ok: true, caller: { tenantId: GOVERNMENT, appId: READER } });
  });
});

test('an app’s own token has no place at `organizations`', async () => {
  const { entra } = createLab();
  const answer = await entra.service.handle(tokenRequest({}, { tenant: 'organizations' }));
  expect(verdictOf(answer)).toEqual({ status: 400, error: 'invalid_request', number: 50059 });
});

test('requests are counted by tenant and kind, refused ones included', async () => {
  const { entra } = createLab();
  const host = 'https://login.microsoftonline.com';
  await entra.service.handle(tokenRequest());
  await entra.service.handle(tokenRequest({ client_secret: 'wrong' }));
  await entra.service.handle(request('GET', `${host}/${CUSTOMER}/v2.0/.well-known/openid-configuration`));
  await entra.service.handle(request('GET', `${host}/${HOME}/discovery/v2.0/keys`));
  expect(entra.requests.of(CUSTOMER)).toEqual({ discovery: 1, keys: 0, token: 2 });
  expect(entra.requests.of(HOME)).toEqual({ discovery: 0, keys: 1, token: 0 });
  entra.requests.reset();
  expect(entra.requests.of(CUSTOMER)).toEqual({ discovery: 0, keys: 0, token: 0 });
});

test('the tenant of a request is the one in its path, if there is such a one', () => {
  const { entra } = createLab();
  expect(entra.service.tenantOf?.(tokenRequest())).toBe(CUSTOMER);
  expect(entra.service.tenantOf?.(tokenRequest({}, { tenant: CUSTOMER.toUpperCase() }))).toBe(CUSTOMER);
  expect(entra.service.tenantOf?.(tokenRequest({}, { tenant: ELSEWHERE }))).toBeUndefined();
});
