import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { revokeConsents } from '../../../lab/entra/consents.ts';
import type { LabAnswer } from '../../../lab/service.ts';
import {
  ADMIN,
  ANALYST,
  API,
  API_SECRET,
  CLI,
  CUSTOMER,
  createLab,
  GRAPH,
  HOME,
  type Lab,
  tokenRequest,
  verdictOf,
} from './fixture.ts';
import { byService, createVisitor, type Visit, type Visitor } from './visitor.ts';

const ANA = 'ana@contoso.example';
const ADAM = 'adam@fabrikam.example';
const REDIRECT = 'http://localhost:4711';
const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

let lab: Lab;
let visitor: Visitor;
beforeEach(() => {
  lab = createLab();
  visitor = createVisitor(byService(lab.entra.service));
});

type Fields = Readonly<Record<string, string | undefined>>;

function addressOf(parameters: Fields = {}, tenant = HOME): URL {
  const url = new URL(`https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize`);
  const fields = {
    client_id: CLI,
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: `api://${API}/access_as_user openid profile offline_access`,
    state: '12<345>',
    nonce: 'once',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...parameters,
  };
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

const parameter = ({ location }: Visit, name: string): string => location?.searchParams.get(name) ?? '';

async function codeFor(parameters: Fields = {}, user = ANA): Promise<string> {
  return parameter(await visitor.signIn(addressOf(parameters), user), 'code');
}

function token(form: Fields, tenant = HOME): Promise<LabAnswer> {
  const fields = { client_id: CLI, client_secret: undefined, scope: undefined, ...form };
  return lab.entra.service.handle(tokenRequest(fields, { tenant }));
}

const redeem = (code: string, form: Fields = {}, tenant = HOME): Promise<LabAnswer> =>
  token(
    { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: VERIFIER, ...form },
    tenant,
  );

const refresh = (refreshToken: string | undefined, form: Fields = {}, tenant = HOME): Promise<LabAnswer> =>
  token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...form }, tenant);

const bodyOf = (answer: LabAnswer) => answer.body as Record<string, string>;
const claimsOf = (answer: LabAnswer) => decodeJwt(bodyOf(answer).access_token ?? '');

describe('the answer to the application', () => {
  test('by query, with state, and a code for tokens and an id token with the nonce', async () => {
    const visit = await visitor.signIn(addressOf(), ANA);
    expect(visit.status).toBe(302);
    expect(visit.location?.origin).toBe(REDIRECT);
    expect(parameter(visit, 'state')).toBe('12<345>');
    const answer = await redeem(parameter(visit, 'code'));
    expect(claimsOf(answer)).toMatchObject({ aud: API, oid: ANALYST, azpacr: '0', scp: 'access_as_user' });
    expect(decodeJwt(bodyOf(answer).id_token ?? '')).toMatchObject({
      aud: CLI,
      iss: `https://login.microsoftonline.com/${HOME}/v2.0`,
      nonce: 'once',
      oid: ANALYST,
      preferred_username: ANA,
    });
    expect(lab.secrets).toEqual(
      expect.arrayContaining([
        parameter(visit, 'code'),
        bodyOf(answer).refresh_token,
        bodyOf(answer).id_token,
      ]),
    );
  });

  test('by fragment, and by a form that posts itself', async () => {
    const { location } = await visitor.signIn(addressOf({ response_mode: 'fragment' }), ANA);
    expect(location?.search).toBe('');
    const fields = new URLSearchParams(location?.hash.slice(1));
    expect(fields.get('state')).toBe('12<345>');
    expect((await redeem(fields.get('code') ?? '')).status).toBe(200);

    const posting = await visitor.signIn(addressOf({ response_mode: 'form_post' }), ANA);
    expect(posting.text).toContain(`<form method="post" action="${REDIRECT}">`);
    expect(posting.hidden.state).toBe('12<345>');
    expect((await redeem(posting.hidden.code ?? '')).status).toBe(200);
  });

  test('that the user has cancelled', async () => {
    const page = await visitor.open(addressOf());
    const visit = await page.submit('cancel');
    expect(parameter(visit, 'error')).toBe('access_denied');
    expect(parameter(visit, 'error_subcode')).toBe('cancel');
    expect(parameter(visit, 'state')).toBe('12<345>');
    expect((await page.submit('account', { user: ANALYST })).status).toBe(400);
  });

  test.each([
    ['a response that is no code', { response_type: 'token' }, 'unsupported_response_type', 'AADSTS700051'],
    ['silence', { prompt: 'none' }, 'login_required', 'AADSTS50058'],
    ['a short challenge', { code_challenge: 'short' }, 'invalid_request', 'AADSTS501491'],
    ['an unknown method', { code_challenge_method: 'S512' }, 'invalid_request', 'AADSTS501491'],
    ['claims that are no JSON', { claims: '{' }, 'invalid_request', 'AADSTS90013'],
    ['no scope', { scope: undefined }, 'invalid_request', 'AADSTS900144'],
  ])('that it cannot have %s', async (_what, parameters, error, number) => {
    const visit = await visitor.open(addressOf(parameters));
    expect(parameter(visit, 'error')).toBe(error);
    expect(parameter(visit, 'error_description')).toContain(number);
  });
});

describe('nobody is sent to an address that is not registered', () => {
  test.each([
    ['another host', 'http://localhost.evil.example'],
    ['another path', 'http://localhost:4711/elsewhere'],
    ['https of a loopback', 'https://localhost:4711'],
    ['another scheme', 'javascript:alert(1)'],
    ['another port of a real host', 'https://portal.example:8443/back'],
    ['a fragment', 'http://localhost:4711/#x'],
    ['nothing', ''],
  ])('%s', async (_what, redirectUri) => {
    const visit = await visitor.open(addressOf({ redirect_uri: redirectUri }));
    expect(visit.location).toBeUndefined();
    expect(visit.status).toBe(400);
    expect(visit.text).toContain('AADSTS50011');
  });

  test('nor for an app that is not there, and what it sent is shown as text only', async () => {
    const visit = await visitor.open(addressOf({ client_id: '<script>alert(1)</script>' }));
    expect(visit.text).toContain('AADSTS700016');
    expect(visit.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(visit.text).not.toContain('<script>');
  });

  test('any port of the loopback is fine, with the path', async () => {
    const visit = await visitor.signIn(addressOf({ redirect_uri: 'http://127.0.0.1:9/done' }), ANA);
    expect(visit.location?.host).toBe('127.0.0.1:9');
  });
});

describe('a code', () => {
  test('is good once', async () => {
    const code = await codeFor();
    expect((await redeem(code)).status).toBe(200);
    expect(verdictOf(await redeem(code))).toEqual({ status: 400, error: 'invalid_grant', number: 54005 });
  });

  test('is good for ten minutes', async () => {
    const code = await codeFor();
    const other = await codeFor();
    lab.clock.time += 10 * MINUTE - 1;
    expect((await redeem(code)).status).toBe(200);
    lab.clock.time += 1;
    expect(verdictOf(await redeem(other)).number).toBe(70008);
  });

  test.each([
    ['another verifier', { code_verifier: 'w'.repeat(43) }, 501481],
    ['no verifier', { code_verifier: undefined }, 501481],
    ['another redirect address', { redirect_uri: 'http://localhost:4712' }, 500112],
    ['no redirect address', { redirect_uri: undefined }, 900144],
    ['a secret of a client that has none', { client_secret: 'x' }, 700025],
    ['a code that nobody issued', { code: 'guess' }, 70000],
    ['another client', { client_id: API, client_secret: API_SECRET }, 70000],
    ['a client that must prove itself', { client_id: API }, 7000218],
  ])('is not redeemed with %s', async (_what, form, number) => {
    expect(verdictOf(await redeem(await codeFor(), form)).number).toBe(number);
  });

  test('is not redeemed at another tenant, nor with a verifier that was not announced', async () => {
    expect(verdictOf(await redeem(await codeFor(), {}, CUSTOMER)).number).toBe(700005);
    const bare = { code_challenge: undefined, code_challenge_method: undefined };
    expect(verdictOf(await redeem(await codeFor(bare))).number).toBe(501481);
    expect((await redeem(await codeFor(bare), { code_verifier: undefined })).status).toBe(200);
  });
});

describe('who may sign in', () => {
  test('users of the tenant, guests too; of any tenant, those who are at home there', async () => {
    const customers = await visitor.open(addressOf({}, CUSTOMER));
    expect(customers.text).toContain(ADAM);
    expect(customers.text).toContain('ana_contoso.example#EXT#@fabrikam.example');
    expect(customers.text).not.toContain(`>${ANA}`);
    const all = await visitor.open(addressOf({}, 'organizations'));
    expect(all.text).toContain(ADAM);
    expect(all.text).not.toContain('#EXT#');
    const hinted = await visitor.open(addressOf({ login_hint: ADAM }, 'common'));
    expect(hinted.text).toContain(ADAM);
    expect(hinted.text).not.toContain(ANA);
  });

  test('not a user that the page did not offer', async () => {
    const page = await visitor.open(addressOf());
    expect((await page.submit('account', { user: ADMIN })).status).toBe(400);
  });

  test('not a disabled one: the page says so, then the application', async () => {
    lab.analyst.isEnabled = false;
    const page = await visitor.signIn(addressOf(), ANA);
    expect(page.text).toContain('disabled');
    expect(parameter(await page.submit('back'), 'error_description')).toContain('AADSTS50057');
  });

  test('at a tenant of another cloud, nobody', async () => {
    const visit = await visitor.open(addressOf({}, '33333333-3333-4333-8333-333333333333'));
    expect(visit.text).toContain('AADSTS90002');
  });
});

describe('consent', () => {
  const WRITE = `${GRAPH}/SecurityIncident.ReadWrite.All`;

  test('of the user is asked for and kept', async () => {
    revokeConsents(lab.cli, HOME);
    const page = await (await visitor.open(addressOf())).submit('account', { user: ANALYST });
    expect(page.title).toBe('Permissions requested');
    expect(page.text).toContain('access_as_user');
    const visit = await page.submit('consent', { all: 'yes' });
    expect((await redeem(parameter(visit, 'code'))).status).toBe(200);
    expect(lab.cli.consents?.filter(({ tenantId }) => tenantId === HOME)).toEqual([
      { tenantId: HOME, resource: API, scopes: ['access_as_user'], userId: ANALYST },
    ]);
  });

  test('declined is told to the application', async () => {
    const page = await (await visitor.open(addressOf({ prompt: 'consent' }))).submit('account', {
      user: ANALYST,
    });
    expect(page.title).toBe('Permissions requested');
    expect(parameter(await page.submit('cancel'), 'error_description')).toContain('AADSTS65004');
  });

  test('to a whole tenant’s data needs an admin', async () => {
    const page = await visitor.signIn(addressOf({ scope: WRITE }), ANA);
    expect(page.text).toContain('administrator');
    expect(parameter(await page.submit('back'), 'error_description')).toContain('AADSTS90094');
  });

  test('of an admin for everybody installs the app', async () => {
    delete lab.cli.grants[CUSTOMER];
    const page = await (await visitor.open(addressOf({ scope: WRITE }, CUSTOMER))).submit('account', {
      user: ADMIN,
    });
    const visit = await page.submit('consent', { all: 'yes' });
    expect(parameter(visit, 'code')).not.toBe('');
    expect(lab.cli.grants[CUSTOMER]).toEqual({});
    expect(lab.cli.consents?.at(-1)).toEqual({
      tenantId: CUSTOMER,
      resource: GRAPH,
      scopes: ['SecurityIncident.ReadWrite.All'],
    });
  });
});

describe('a second factor', () => {
  test('is asked for by policy, and stands behind the tokens', async () => {
    const [home] = lab.directory.tenants;
    if (home) home.conditionalAccess = [{ id: ADMIN, demand: 'mfa' }];
    const page = await (await visitor.open(addressOf())).submit('account', { user: ANALYST });
    expect(page.title).toBe('Confirm that it is you');
    const answer = await redeem(parameter(await page.submit('factor'), 'code'));
    expect(answer.status).toBe(200);
    expect((await refresh(bodyOf(answer).refresh_token)).status).toBe(200);
  });

  test('is asked for by a claims challenge, whose context the token then shows', async () => {
    const claims = JSON.stringify({
      access_token: { acrs: { essential: true, value: 'c1' }, xms_cc: { values: ['cp1'] } },
    });
    const answer = await redeem(await codeFor({ claims }));
    expect(claimsOf(answer)).toMatchObject({ acrs: ['c1'], xms_cc: ['cp1'] });
  });

  test('does not help against a block', async () => {
    const [home] = lab.directory.tenants;
    if (home) home.conditionalAccess = [{ id: ADMIN, demand: 'block' }];
    const page = await visitor.signIn(addressOf(), ANA);
    expect(page.title).toBe('You cannot sign in');
    expect(parameter(await page.submit('back'), 'error_description')).toContain('AADSTS53003');
  });
});

describe('a refresh token', () => {
  test('gives tokens of any resource that there is consent for, and a new one each time', async () => {
    const first = bodyOf(await redeem(await codeFor())).refresh_token;
    const answer = await refresh(first, { scope: `${GRAPH}/.default` });
    expect(claimsOf(answer)).toMatchObject({ aud: GRAPH, oid: ANALYST });
    const second = bodyOf(answer).refresh_token;
    expect(second).not.toBe(first);
    expect(claimsOf(await refresh(second))).toMatchObject({ aud: GRAPH });
    expect(claimsOf(await refresh(first))).toMatchObject({ aud: API });
  });

  test('is refused when it is unknown, another client’s, too old or ended', async () => {
    const { refresh_token: good = '' } = bodyOf(await redeem(await codeFor()));
    expect(verdictOf(await refresh('guess')).number).toBe(70000);
    const asApi = { client_id: API, client_secret: API_SECRET };
    expect(verdictOf(await refresh(good, asApi)).number).toBe(70000);
    lab.clock.time += 90 * DAY - 1;
    const answer = await refresh(good);
    expect(answer.status).toBe(200);
    lab.clock.time += 1;
    expect(verdictOf(await refresh(good)).number).toBe(700082);
    lab.entra.endSignIns(ADMIN);
    expect((await refresh(bodyOf(answer).refresh_token)).status).toBe(200);
    lab.entra.endSignIns(ANALYST);
    expect(verdictOf(await refresh(bodyOf(answer).refresh_token)).number).toBe(50173);
  });

  test('follows what the directory says now', async () => {
    const { refresh_token: good } = bodyOf(await redeem(await codeFor()));
    revokeConsents(lab.cli, HOME);
    expect(verdictOf(await refresh(good)).number).toBe(65001);
    lab.directory.apps.splice(2, 1);
    expect(verdictOf(await refresh(good)).number).toBe(700016);
  });
});

test('an app’s own token has no place at `organizations`', async () => {
  const answer = await lab.entra.service.handle(tokenRequest({}, { tenant: 'organizations' }));
  expect(verdictOf(answer)).toEqual({ status: 400, error: 'invalid_request', number: 50059 });
});

test('the discovery document of `organizations` leaves the issuer open', async () => {
  const { body } = await lab.entra.service.handle({
    ...tokenRequest(),
    method: 'GET',
    url: new URL('https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration'),
  });
  expect(body).toMatchObject({
    issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
    authorization_endpoint: 'https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize',
  });
});

describe('signing out', () => {
  const out = (query: string) =>
    visitor.open(`https://login.microsoftonline.com/${HOME}/oauth2/v2.0/logout?${query}`);

  test('leads back to an address that is registered, and to no other', async () => {
    const target = encodeURIComponent('https://portal.example/back');
    const { location } = await out(`post_logout_redirect_uri=${target}&state=s`);
    expect(location?.href).toBe('https://portal.example/back?state=s');
    const elsewhere = await out('post_logout_redirect_uri=https%3A%2F%2Fevil.example');
    expect([elsewhere.location, elsewhere.title]).toEqual([undefined, 'You signed out of your account']);
  });
});
