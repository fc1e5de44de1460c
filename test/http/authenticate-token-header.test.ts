import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { base64url, claimsOf, HOME, publishedForm, signed } from '../callers/directories.ts';
import { type AuthenticateRig, createAuthenticateRig, key, stranger } from './authenticate-rig.ts';

const pem = createPublicKey(key.publicKey.export({ type: 'spki', format: 'pem' })).export({
  type: 'spki',
  format: 'pem',
});

let rig: AuthenticateRig;
beforeEach(() => {
  rig = createAuthenticateRig();
  vi.stubGlobal('fetch', rig.directories.fetch);
});
afterEach(() => vi.unstubAllGlobals());

/** Header and claims under a signature that is made of them. */
const withSignature = (
  header: object,
  signatureOf: (input: string) => string,
  claims = claimsOf(HOME),
): string => {
  const input = `${base64url(header)}.${base64url(claims)}`;
  return `${input}.${signatureOf(input)}`;
};

describe('the header of a token', () => {
  it.each([
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    'HS256',
    'RS384',
    'PS256',
    'ES256',
    'EdDSA',
    'rs256',
    'RS256 ',
  ])('with the algorithm %j over an RS256 signature is refused', async (alg) => {
    expect(await rig.refused(signed(key, claimsOf(HOME), { alg }))).toMatch(/not a token signed with RS256/);
  });

  it('with an algorithm that is no word, or without one, is refused', async () => {
    for (const alg of [undefined, null, 7, ['RS256'], { 0: 'RS256' }]) {
      await rig.refused(signed(key, claimsOf(HOME), { alg }));
    }
  });

  it('does not make a secret of the public key', async () => {
    const shapes = [
      pem,
      JSON.stringify(publishedForm(key)),
      key.publicKey.export({ type: 'spki', format: 'der' }),
    ];
    for (const secret of shapes) {
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS512', 'sha512'],
        ['RS256', 'sha256'],
      ] as const) {
        const mac = (input: string): string => createHmac(hash, secret).update(input).digest('base64url');
        await rig.refused(withSignature({ alg, kid: 'one' }, mac));
      }
    }
  });

  it('does not choose another kind of key', async () => {
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const byCurve = (input: string): string =>
      sign('sha256', Buffer.from(input), { key: curve.privateKey, dsaEncoding: 'ieee-p1363' }).toString(
        'base64url',
      );
    const jwk = curve.publicKey.export({ format: 'jwk' });
    for (const header of [
      { alg: 'ES256', kid: 'one' },
      { alg: 'ES256', kid: 'one', jwk },
      { alg: 'RS256', jwk },
    ]) {
      await rig.refused(withSignature(header, byCurve));
    }
  });

  it.each([
    ['jku', 'https://evil.example/keys'],
    ['x5u', 'https://evil.example/cert.pem'],
    ['jwk', publishedForm(stranger)],
    ['x5c', ['MIIC']],
    ['x5t', 'three'],
    ['iss', `https://evil.example/${HOME}`],
  ])('brings no key by %s: nothing is fetched or used', async (name, value) => {
    for (const kid of ['one', 'three', undefined]) {
      await rig.refused(signed(stranger, claimsOf(HOME), { [name]: value, kid }));
    }
    expect(
      rig.directories.asked.filter((url) => !url.startsWith('https://login.microsoftonline.com/')),
    ).toEqual([]);
    // Beside the directory's own signature they are idle words.
    expect(await rig.accepted(signed(key, claimsOf(HOME), { [name]: value }))).toBeDefined();
  });

  it.each([
    '../../../dev/null',
    "' or 1=1 --",
    'one\u0000',
    ' one',
    'ONE',
    'оne',
    '__proto__',
    'constructor',
    'x'.repeat(4_000),
  ])('names a key of the directory or none: %j', async (kid) => {
    expect(await rig.refused(signed(stranger, claimsOf(HOME), { kid }))).toMatch(
      /not by a key of the directory/,
    );
    await rig.refused(signed(key, claimsOf(HOME), { kid }));
  });

  it('without the name of a key, or with one that is no word, opens nothing where there are several', async () => {
    for (const kid of [undefined, null, 1, ['one'], {}]) {
      await rig.refused(signed(stranger, claimsOf(HOME), { kid }));
      await rig.refused(signed(key, claimsOf(HOME), { kid }));
    }
  });

  it('with something that must be understood is refused, signed or not', async () => {
    for (const header of [
      { crit: ['exp'], exp: 1 },
      { crit: ['b64'], b64: false },
      { crit: ['b64'], b64: true },
      { crit: [] },
      { crit: 'exp' },
      { crit: ['x5t#S256'], 'x5t#S256': 'y' },
    ]) {
      const message = await rig.refused(signed(stranger, claimsOf(HOME), header));
      expect(message).not.toMatch(/keys .* cannot be fetched/);
    }
    await rig.refused(signed(key, claimsOf(HOME), { crit: ['exp'], exp: 1 }));
    await rig.refused(signed(key, claimsOf(HOME), { crit: ['b64'], b64: false }));
  });

  it('may not be anything but an object', async () => {
    for (const header of ['null', '[]', '"RS256"', '7', '{', '', '{"alg":"RS256"']) {
      await rig.refused(signed(key, claimsOf(HOME), header));
    }
  });
});
