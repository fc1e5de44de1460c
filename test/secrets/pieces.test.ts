import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { newCertificate, pkcs12 } from '../auth/new-certificate.ts';
import { findSecrets } from './find-secrets.ts';
import { piecesOf, SHOWN } from './pieces.ts';
import { createSecretIndex } from './secret-index.ts';

const TENANT = '5f0c7d4a-3f52-4c36-9d0b-1b8f5c3f2a10';
const UTI = 'Qk3vT9yLx2Wm7ZpR4sUa0A';
const SIGNATURE = Buffer.from(Array.from({ length: 256 }, (_, at) => (at * 151 + 7) % 256)).toString(
  'base64url',
);
const HEADER = Buffer.from('{"typ":"JWT","alg":"RS256","kid":"k1"}').toString('base64url');
const CLAIMS = `{"aud":"https://graph.microsoft.com","tid":"${TENANT}","uti":"${UTI}","ver":"1.0","xms_mirid":"/subscriptions/${TENANT}/x"}`;
const PAYLOAD = Buffer.from(CLAIMS).toString('base64url');
const TOKEN = `${HEADER}.${PAYLOAD}.${SIGNATURE}`;

function shows(value: string, text: string | Buffer, kind: 'access token' | 'vault secret' = 'access token') {
  return findSecrets(createSecretIndex([piecesOf({ kind, value })]), Buffer.from(text)).length > 0;
}

it('any 20 characters of a token’s signature are a leak, also with the point before it', () => {
  for (let at = TOKEN.lastIndexOf('.') - SHOWN + 1; at + SHOWN <= TOKEN.length; at++) {
    expect(shows(TOKEN, TOKEN.slice(at, at + SHOWN)), `from ${at}`).toBe(true);
  }
});

it('so is what takes in the name of a claim, or an id of this very token', () => {
  const counted = new Set<boolean>();
  for (let at = 0; at + SHOWN <= PAYLOAD.length; at++) {
    const claims = CLAIMS.slice(Math.ceil((at * 3) / 4), Math.floor(((at + SHOWN) * 3) / 4));
    const idLetters = [...UTI.slice(7)].filter((_, place) =>
      claims.includes(UTI.slice(place, place + 8)),
    ).length;
    const isOwn = /"(aud|tid|uti|ver|xms_mirid)":/.test(claims) || idLetters > 0;
    expect(shows(TOKEN, PAYLOAD.slice(at, at + SHOWN)), claims).toBe(isOwn);
    counted.add(isOwn);
  }
  expect(counted).toEqual(new Set([true, false]));
});

it('the header and the claims in words are none, nor is a tenant in a message', () => {
  expect(shows(TOKEN, HEADER)).toBe(false);
  expect(shows(TOKEN, CLAIMS)).toBe(false);
  for (const before of ['', ' ', '  ']) {
    const message = Buffer.from(`${before}{"v":1,"tenantId":"${TENANT}"}`).toString('base64');
    expect(shows(TOKEN, message)).toBe(false);
  }
});

it('a certificate’s private key is found in whatever form, and the certificate is none', {
  timeout: 30_000,
}, async () => {
  const { certificate, key } = await newCertificate();
  const stored = [`${key}\n${certificate}`, pkcs12({ key, certificate })];
  const object = createPrivateKey(key);
  const forms = [
    key,
    object.export({ type: 'pkcs1', format: 'pem' }).toString(),
    object.export({ type: 'pkcs8', format: 'der' }),
    object.export({ type: 'pkcs8', format: 'der' }).toString('hex'),
    JSON.stringify(object.export({ format: 'jwk' })),
    JSON.stringify({ x: key.split('\n')[12] }),
  ];
  for (const value of stored) {
    for (const form of [value, ...forms]) expect(shows(value, form, 'vault secret')).toBe(true);
    expect(shows(value, certificate, 'vault secret')).toBe(false);
    const { n, e } = object.export({ format: 'jwk' });
    expect(shows(value, JSON.stringify({ n, e }), 'vault secret')).toBe(false);
  }
});

it('the key of an elliptic curve, too', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const { d = '' } = privateKey.export({ format: 'jwk' });
  expect(shows(pem, `"${d.slice(3)}"`, 'vault secret')).toBe(true);
});

it('what only looks like PKCS 12 is a secret like any other', () => {
  const value = `MI${'IKPAIBAzCCCfgGCSqGSIb3'.repeat(12)}`;
  expect(shows(value, value.slice(30, 50), 'vault secret')).toBe(true);
});

it('a word of a test is no secret', () => {
  expect(piecesOf({ kind: 'vault secret', value: 'hush' })).toEqual([]);
  expect(piecesOf({ kind: 'client secret', value: 'open-sesame' })).toEqual([Buffer.from('open-sesame')]);
});
