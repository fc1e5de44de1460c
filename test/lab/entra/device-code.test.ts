import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LabAnswer } from '../../../lab/service.ts';
import { ANALYST, API, CLI, createLab, HOME, type Lab, request, tokenRequest, verdictOf } from './fixture.ts';
import { byService, createVisitor, type Visit, type Visitor } from './visitor.ts';

const ANA = 'ana@contoso.example';

let lab: Lab;
let visitor: Visitor;
let started: { readonly user_code: string; readonly device_code: string; readonly verification_uri: string };

beforeEach(async () => {
  lab = createLab();
  visitor = createVisitor(byService(lab.entra.service));
  started = (await start()).body as typeof started;
});

function start(form: Readonly<Record<string, string>> = {}, method = 'POST'): Promise<LabAnswer> {
  const fields = { client_id: CLI, scope: `api://${API}/access_as_user offline_access`, ...form };
  const url = `https://login.microsoftonline.com/${HOME}/oauth2/v2.0/devicecode`;
  return lab.entra.service.handle(
    request(method, url, { body: Buffer.from(new URLSearchParams(fields).toString()) }),
  );
}

function poll(form: Readonly<Record<string, string>> = {}): Promise<LabAnswer> {
  const fields = {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: CLI,
    client_secret: undefined,
    scope: undefined,
    device_code: started.device_code,
    ...form,
  };
  return lab.entra.service.handle(tokenRequest(fields, { tenant: HOME }));
}

async function enter(code: string): Promise<Visit> {
  return (await visitor.open(started.verification_uri)).submit(undefined, { otc: code });
}

test('the device is told a code, an address and a pace', async () => {
  expect((await start()).body).toEqual({
    user_code: expect.stringMatching(/^[A-HJ-NP-Z2-9]{9}$/),
    device_code: expect.stringMatching(/^GA[\w-]{100,}$/),
    verification_uri: 'https://microsoft.com/devicelogin',
    expires_in: 900,
    interval: 5,
    message: expect.stringContaining('https://microsoft.com/devicelogin'),
  });
  expect(lab.secrets).toContain(started.device_code);
});

test('it waits until the person has signed in, then gets tokens, once', async () => {
  expect(verdictOf(await poll())).toEqual({ status: 400, error: 'authorization_pending', number: 70016 });
  const page = await visitor.goOn(await enter(` ${started.user_code.toLowerCase()} `), ANA);
  expect(page.title).toBe('You have signed in');
  const { access_token = '', refresh_token } = (await poll()).body as Record<string, string>;
  expect(decodeJwt(access_token)).toMatchObject({ aud: API, oid: ANALYST });
  expect(refresh_token).toMatch(/^1\.A/);
  expect(verdictOf(await poll()).number).toBe(54005);
});

test('the person is asked whether they started it, and may decline', async () => {
  const page = await (await enter(started.user_code)).submit('account', { user: ANALYST });
  expect(page.title).toBe('Are you trying to sign in to Command line?');
  expect(verdictOf(await poll()).error).toBe('authorization_pending');
  expect((await page.submit('cancel')).title).toBe('You have not signed in');
  expect(verdictOf(await poll())).toMatchObject({ status: 400, error: 'authorization_declined' });
});

test('a code ends after a quarter of an hour, for both of them', async () => {
  lab.clock.time += 900_000 - 1;
  expect(verdictOf(await poll()).error).toBe('authorization_pending');
  expect((await enter(started.user_code)).title).toBe('Pick an account');
  lab.clock.time += 1;
  expect(verdictOf(await poll())).toEqual({ status: 400, error: 'expired_token', number: 70020 });
  expect((await enter(started.user_code)).text).toContain('That code did not work');
});

test('who asks too soon may be told to slow down', async () => {
  lab.entra.settings.deviceTooSoon = 'slow_down';
  expect(verdictOf(await poll()).error).toBe('authorization_pending');
  expect(verdictOf(await poll()).error).toBe('slow_down');
  lab.clock.time += 5000;
  expect(verdictOf(await poll()).error).toBe('authorization_pending');
});

describe('refused', () => {
  test('a code that is wrong, or another client’s', async () => {
    expect((await enter('WRONGCODE')).text).toContain('role="alert"');
    expect(verdictOf(await poll({ device_code: 'guess' }))).toEqual({
      status: 400,
      error: 'bad_verification_code',
      number: 70018,
    });
    lab.cli.isPublicClient = false;
    expect(verdictOf(await poll()).number).toBe(7000218);
  });

  test('a start without client or scope, of an unknown app, or by GET', async () => {
    expect(verdictOf(await start({ client_id: '' })).number).toBe(900144);
    expect(verdictOf(await start({ scope: '' })).number).toBe(900144);
    expect(verdictOf(await start({ client_id: HOME })).number).toBe(700016);
    expect(verdictOf(await start({}, 'GET')).number).toBe(900561);
  });

  test('an app that is not for everybody, at another tenant', async () => {
    lab.cli.isMultiTenant = false;
    delete lab.cli.grants[HOME];
    const page = await (await enter(started.user_code)).submit('account', { user: ANALYST });
    expect(page.text).toContain('was not found in the directory');
  });
});
