import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { ANALYST, API, API_SECRET, CLI, CUSTOMER, HOME, verdictOf } from './fixture.ts';
import {
  ANA,
  addressOf,
  bodyOf,
  claimsOf,
  createSignInRig,
  parameter,
  REDIRECT,
  type SignInRig,
} from './sign-in-rig.ts';

const MINUTE = 60_000;

let rig: SignInRig;
beforeEach(() => {
  rig = createSignInRig();
});

describe('the answer to the application', () => {
  test('by query, with state, and a code for tokens and an id token with the nonce', async () => {
    const visit = await rig.visitor.signIn(addressOf(), ANA);
    expect(visit.status).toBe(302);
    expect(visit.location?.origin).toBe(REDIRECT);
    expect(parameter(visit, 'state')).toBe('12<345>');
    const answer = await rig.redeem(parameter(visit, 'code'));
    expect(claimsOf(answer)).toMatchObject({ aud: API, oid: ANALYST, azpacr: '0', scp: 'access_as_user' });
    expect(decodeJwt(bodyOf(answer).id_token ?? '')).toMatchObject({
      aud: CLI,
      iss: `https://login.microsoftonline.com/${HOME}/v2.0`,
      nonce: 'once',
      oid: ANALYST,
      preferred_username: ANA,
    });
    expect(rig.lab.secrets).toEqual(
      expect.arrayContaining([
        parameter(visit, 'code'),
        bodyOf(answer).refresh_token,
        bodyOf(answer).id_token,
      ]),
    );
  });

  test('by fragment, and by a form that posts itself', async () => {
    const { location } = await rig.visitor.signIn(addressOf({ response_mode: 'fragment' }), ANA);
    expect(location?.search).toBe('');
    const fields = new URLSearchParams(location?.hash.slice(1));
    expect(fields.get('state')).toBe('12<345>');
    expect((await rig.redeem(fields.get('code') ?? '')).status).toBe(200);

    const posting = await rig.visitor.signIn(addressOf({ response_mode: 'form_post' }), ANA);
    expect(posting.text).toContain(`<form method="post" action="${REDIRECT}">`);
    expect(posting.hidden.state).toBe('12<345>');
    expect((await rig.redeem(posting.hidden.code ?? '')).status).toBe(200);
  });

  test('that the user has cancelled', async () => {
    const page = await rig.visitor.open(addressOf());
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
    const visit = await rig.visitor.open(addressOf(parameters));
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
    const visit = await rig.visitor.open(addressOf({ redirect_uri: redirectUri }));
    expect(visit.location).toBeUndefined();
    expect(visit.status).toBe(400);
    expect(visit.text).toContain('AADSTS50011');
  });

  test('nor for an app that is not there, and what it sent is shown as text only', async () => {
    const visit = await rig.visitor.open(addressOf({ client_id: '<script>alert(1)</script>' }));
    expect(visit.text).toContain('AADSTS700016');
    expect(visit.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(visit.text).not.toContain('<script>');
  });

  test('any port of the loopback is fine, with the path', async () => {
    const visit = await rig.visitor.signIn(addressOf({ redirect_uri: 'http://127.0.0.1:9/done' }), ANA);
    expect(visit.location?.host).toBe('127.0.0.1:9');
  });
});

describe('a code', () => {
  test('is good once', async () => {
    const code = await rig.codeFor();
    expect((await rig.redeem(code)).status).toBe(200);
    expect(verdictOf(await rig.redeem(code))).toEqual({ status: 400, error: 'invalid_grant', number: 54005 });
  });

  test('is good for ten minutes', async () => {
    const code = await rig.codeFor();
    const other = await rig.codeFor();
    rig.lab.clock.time += 10 * MINUTE - 1;
    expect((await rig.redeem(code)).status).toBe(200);
    rig.lab.clock.time += 1;
    expect(verdictOf(await rig.redeem(other)).number).toBe(70008);
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
    expect(verdictOf(await rig.redeem(await rig.codeFor(), form)).number).toBe(number);
  });

  test('is not redeemed at another tenant, nor with a verifier that was not announced', async () => {
    expect(verdictOf(await rig.redeem(await rig.codeFor(), {}, CUSTOMER)).number).toBe(700005);
    const bare = { code_challenge: undefined, code_challenge_method: undefined };
    expect(verdictOf(await rig.redeem(await rig.codeFor(bare))).number).toBe(501481);
    expect((await rig.redeem(await rig.codeFor(bare), { code_verifier: undefined })).status).toBe(200);
  });
});
