import { X509Certificate } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { thumbprint } from '../../../lab/entra/thumbprint.ts';
import {
  type AppCertificate,
  accessToken,
  byAssertion,
  CUSTOMER,
  createAppCertificate,
  createLab,
  HOME,
  type Lab,
  NOON,
  READER,
  signWith,
  tokenRequest,
  verdictOf,
} from './fixture.ts';

const SECONDS = NOON / 1000;
const ENDPOINT = `https://login.microsoftonline.com/${CUSTOMER}/oauth2/v2.0/token`;
const GOOD: JWTPayload = {
  iss: READER,
  sub: READER,
  aud: ENDPOINT,
  nbf: SECONDS,
  exp: SECONDS + 600,
  jti: 'one',
};

let certificate: AppCertificate;
let stranger: AppCertificate;

beforeAll(async () => {
  [certificate, stranger] = await Promise.all([createAppCertificate(), createAppCertificate()]);
});

function labWithCertificate(): Lab {
  const lab = createLab();
  lab.reader.certificates.push({ certificatePem: certificate.pem, expiresAt: NOON + 86_400_000 });
  return lab;
}

function names({ pem }: AppCertificate): { x5t: string; 'x5t#S256': string; x5c: string[] } {
  const parsed = new X509Certificate(pem);
  return {
    x5t: thumbprint(parsed, 'sha1'),
    'x5t#S256': thumbprint(parsed, 'sha256'),
    x5c: [parsed.raw.toString('base64')],
  };
}

async function signIn(
  lab: Lab,
  claims: JWTPayload,
  {
    header = { 'x5t#S256': names(certificate)['x5t#S256'] } as Record<string, unknown>,
    key = certificate.key,
  } = {},
): ReturnType<typeof lab.entra.service.handle> {
  return lab.entra.service.handle(tokenRequest(byAssertion(await signWith(key, header, claims))));
}

describe('taken', () => {
  test.each([
    ['x5t#S256, PS256', (all: ReturnType<typeof names>) => ({ alg: 'PS256', 'x5t#S256': all['x5t#S256'] })],
    ['x5t, RS256', (all: ReturnType<typeof names>) => ({ alg: 'RS256', x5t: all.x5t })],
    ['the certificate itself', (all: ReturnType<typeof names>) => ({ alg: 'PS256', x5c: all.x5c })],
  ])('named by %s', async (_how, pick) => {
    const lab = labWithCertificate();
    const answer = await signIn(lab, GOOD, { header: pick(names(certificate)) });
    expect(answer.status).toBe(200);
    expect(decodeJwt(accessToken(answer))).toMatchObject({ appid: READER, appidacr: '2', tid: CUSTOMER });
    expect(lab.secrets).toHaveLength(2);
  });

  test('with the audience that older libraries use, and the tenant issuer', async () => {
    const base = `https://login.microsoftonline.com/${CUSTOMER}`;
    for (const aud of [`${base}/oauth2/token`, `${base}/v2.0`]) {
      expect((await signIn(labWithCertificate(), { ...GOOD, aud })).status).toBe(200);
    }
  });

  test('from a clock that is a little off, either way', async () => {
    const ahead = { ...GOOD, nbf: SECONDS + 299 };
    const behind = { ...GOOD, nbf: SECONDS - 900, exp: SECONDS - 299 };
    for (const claims of [ahead, behind]) {
      expect((await signIn(labWithCertificate(), claims)).status).toBe(200);
    }
  });

  test('from either certificate while an app rolls over', async () => {
    const lab = labWithCertificate();
    lab.reader.certificates.push({ certificatePem: stranger.pem, expiresAt: NOON + 1 });
    const header = { x5t: names(stranger).x5t };
    expect((await signIn(lab, GOOD, { header, key: stranger.key })).status).toBe(200);
    expect((await signIn(lab, GOOD)).status).toBe(200);
  });
});

describe('refused', () => {
  test.each<[string, JWTPayload, number]>([
    ['for another tenant', { ...GOOD, aud: ENDPOINT.replace(CUSTOMER, HOME) }, 700023],
    ['of another app', { ...GOOD, iss: HOME, sub: HOME }, 700021],
    ['whose issuer is not the app', { ...GOOD, iss: HOME }, 700021],
    ['that has expired', { ...GOOD, nbf: SECONDS - 900, exp: SECONDS - 300 }, 700024],
    ['that is not good yet', { ...GOOD, nbf: SECONDS + 301 }, 700024],
  ])('%s', async (_why, claims, number) => {
    const lab = labWithCertificate();
    const verdict = verdictOf(await signIn(lab, claims));
    expect(verdict).toEqual({ status: 401, error: 'invalid_client', number });
    expect(lab.secrets).toEqual([]);
  });

  test('an unregistered certificate, even one that is sent along', async () => {
    for (const header of [{ x5t: names(stranger).x5t }, { x5c: names(stranger).x5c }]) {
      const answer = await signIn(labWithCertificate(), GOOD, { header, key: stranger.key });
      expect(verdictOf(answer)).toEqual({ status: 401, error: 'invalid_client', number: 700027 });
    }
  });

  test('a registered name over the signature of another key', async () => {
    const answer = await signIn(labWithCertificate(), GOOD, { key: stranger.key });
    expect(verdictOf(answer)).toEqual({ status: 401, error: 'invalid_client', number: 700027 });
  });

  test('a certificate whose registration has expired', async () => {
    const lab = labWithCertificate();
    lab.reader.certificates = [{ certificatePem: certificate.pem, expiresAt: NOON }];
    expect(verdictOf(await signIn(lab, GOOD)).number).toBe(700027);
  });

  test('a header that names no key, and an algorithm that is not RSA', async () => {
    expect(verdictOf(await signIn(labWithCertificate(), GOOD, { header: {} })).number).toBe(5002723);
    const answer = await signIn(labWithCertificate(), GOOD, {
      header: { alg: 'PS512', x5t: names(certificate).x5t },
    });
    expect(verdictOf(answer)).toEqual({ status: 400, error: 'invalid_request', number: 50027 });
  });

  test('what is no JWT, or lacks a claim', async () => {
    const { entra } = labWithCertificate();
    const garbage = await entra.service.handle(tokenRequest(byAssertion('garbage')));
    expect(verdictOf(garbage)).toEqual({ status: 400, error: 'invalid_request', number: 50027 });
    const { exp: _exp, ...endless } = GOOD;
    expect(verdictOf(await signIn(labWithCertificate(), endless)).number).toBe(50027);
  });
});
