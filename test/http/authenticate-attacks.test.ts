import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLOUDS } from '../../shared/clouds.ts';
import { type Authenticate, createAuthenticate } from '../../shared/http/authenticate.ts';
import {
  API,
  base64url,
  CALLER,
  CLIENT,
  claimsOf,
  createDirectories,
  type Directories,
  HOME,
  newKey,
  publishedForm,
  signed,
} from '../callers/directories.ts';

const [key, second, stranger] = [newKey('one'), newKey('two'), newKey('three')];
const pem = createPublicKey(key.publicKey.export({ type: 'spki', format: 'pem' })).export({
  type: 'spki',
  format: 'pem',
});

type Claims = Readonly<Record<string, unknown>>;

let directories: Directories;
let authenticate: Authenticate;
beforeEach(() => {
  directories = createDirectories();
  directories.keys.set(HOME, [key, second]);
  vi.stubGlobal('fetch', directories.fetch);
  authenticate = createAuthenticate({
    api: { clientId: API, tenantId: HOME, callers: 'multi-tenant' },
    cloud: CLOUDS.global,
    clock: { now: Date.now },
    tenants: { get: async () => undefined },
  });
});
afterEach(() => vi.unstubAllGlobals());

const accepted = (token: string) => authenticate(`Bearer ${token}`);
async function refusal(authorization: string): Promise<string> {
  const error = await authenticate(authorization).then(
    () => new Error('it was accepted'),
    (caught: Error) => caught,
  );
  expect(error).toMatchObject({ code: 'request.unauthenticated' });
  return error.message;
}
const refused = (token: string): Promise<string> => refusal(`Bearer ${token}`);
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
    expect(await refused(signed(key, claimsOf(HOME), { alg }))).toMatch(/not a token signed with RS256/);
  });

  it('with an algorithm that is no word, or without one, is refused', async () => {
    for (const alg of [undefined, null, 7, ['RS256'], { 0: 'RS256' }]) {
      await refused(signed(key, claimsOf(HOME), { alg }));
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
        await refused(withSignature({ alg, kid: 'one' }, mac));
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
      await refused(withSignature(header, byCurve));
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
      await refused(signed(stranger, claimsOf(HOME), { [name]: value, kid }));
    }
    expect(directories.asked.filter((url) => !url.startsWith('https://login.microsoftonline.com/'))).toEqual(
      [],
    );
    // Beside the directory's own signature they are idle words.
    expect(await accepted(signed(key, claimsOf(HOME), { [name]: value }))).toBeDefined();
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
    expect(await refused(signed(stranger, claimsOf(HOME), { kid }))).toMatch(/not by a key of the directory/);
    await refused(signed(key, claimsOf(HOME), { kid }));
  });

  it('without the name of a key, or with one that is no word, opens nothing where there are several', async () => {
    for (const kid of [undefined, null, 1, ['one'], {}]) {
      await refused(signed(stranger, claimsOf(HOME), { kid }));
      await refused(signed(key, claimsOf(HOME), { kid }));
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
      const message = await refused(signed(stranger, claimsOf(HOME), header));
      expect(message).not.toMatch(/keys .* cannot be fetched/);
    }
    await refused(signed(key, claimsOf(HOME), { crit: ['exp'], exp: 1 }));
    await refused(signed(key, claimsOf(HOME), { crit: ['b64'], b64: false }));
  });

  it('may not be anything but an object', async () => {
    for (const header of ['null', '[]', '"RS256"', '7', '{', '', '{"alg":"RS256"']) {
      await refused(signed(key, claimsOf(HOME), header));
    }
  });
});

describe('the claims of a token that the directory has signed', () => {
  it.each<[string, string]>([
    ['nothing', 'null'],
    ['a list', '[]'],
    ['a word', '"x"'],
    ['no JSON', '{"iss":'],
    [
      'a number beyond all numbers for its end',
      JSON.stringify(claimsOf(HOME)).replace(/"exp":\d+/, '"exp":1e999'),
    ],
    ['a huge end', JSON.stringify(claimsOf(HOME)).replace(/"exp":\d+/, '"exp":9007199254740993')],
    ['an end in words', JSON.stringify(claimsOf(HOME)).replace(/"exp":(\d+)/, '"exp":"$1"')],
    ['an end below zero', JSON.stringify(claimsOf(HOME)).replace(/"exp":\d+/, '"exp":-1')],
  ])('with %s are refused', async (_what, payload) => {
    await refused(signed(key, payload));
  });

  it.each<[string, Claims]>([
    ['a directory in upper case', { tid: HOME.toUpperCase() }],
    ['a directory in other letters', { tid: HOME.replace('1', '１') }],
    ['a list of directories', { tid: [HOME] }],
    ['no object id', { oid: undefined }],
    ['an object id that is a number', { oid: 7 }],
    ['an object id that is a list', { oid: [CALLER] }],
    ['an empty object id', { oid: '' }],
    ['a name for an object id', { oid: 'admin@contoso.com' }],
    ['a path for an object id', { oid: `../${CALLER}` }],
    ['an audience in upper case', { aud: `api://${API}`.toUpperCase() }],
    ['a longer audience', { aud: `api://${API}/` }],
    ['an audience that is an object', { aud: { 0: API } }],
    ['no client app, as in an ID token', { azp: undefined }],
    ['a client app that is no word', { azp: 7, appid: null }],
    ['an app’s and a user’s marks', { idtyp: 'app', scp: 'access_as_user' }],
    ['the mark of an app and an empty scope', { idtyp: 'app', scp: '' }],
    ['the mark of a device', { idtyp: 'device' }],
    ['a mark that is no word', { idtyp: ['app'] }],
    ['a start far ahead', { nbf: Math.floor(Date.now() / 1000) + 3600 }],
    ['a start that is no number', { nbf: 'now' }],
  ])('with %s are refused', async (_what, over) => {
    await refused(signed(key, claimsOf(HOME, over)));
  });

  it('are read as they are verified where one is there twice: the last one counts, for all of it', async () => {
    const text = JSON.stringify(claimsOf(HOME));
    const [evil] = ['99999999-9999-4999-8999-999999999999'];
    await refused(signed(key, text.replace(/\}$/, `,"tid":"${evil}"}`)));
    await refused(signed(key, text.replace(/\}$/, `,"iss":"https://sts.windows.net/${evil}/"}`)));
    await refused(signed(key, text.replace(/^\{/, `{"aud":"${API}",`).replace(/\}$/, `,"aud":"${evil}"}`)));
    await refused(signed(key, text.replace(/\}$/, ',"__proto__":{"oid":"x"},"oid":null}')));
  });

  it('do not take anything from what objects inherit', async () => {
    const text = JSON.stringify(claimsOf(HOME, { roles: undefined, azp: undefined }));
    await refused(
      signed(key, text.replace(/\}$/, `,"__proto__":{"azp":"${CLIENT}","roles":["Hunts.Run"]}}`)),
    );
  });

  it.each<[string, Claims, object]>([
    ['an app', {}, { kind: 'app', scopes: [] }],
    ['an app, marked', { idtyp: 'app' }, { kind: 'app', scopes: [] }],
    ['a user', { scp: 'access_as_user  other' }, { kind: 'user', scopes: ['access_as_user', 'other'] }],
    ['a user with roles', { scp: 'x', roles: ['Hunts.Run'] }, { kind: 'user', roles: ['Hunts.Run'] }],
    ['a user, marked, without a scope', { idtyp: 'user' }, { kind: 'user', scopes: [] }],
    ['a user with an empty scope', { scp: '' }, { kind: 'user', scopes: [] }],
    ['a user with a scope that is a list', { scp: ['access_as_user'] }, { kind: 'user', scopes: [] }],
    ['a user with a scope of null', { scp: null }, { kind: 'user', scopes: [] }],
    ['one in groups', { groups: [CLIENT, 7] }, { groups: [CLIENT] }],
    ['one in too many groups to name', { _claim_names: { groups: 'src1' } }, { groups: undefined }],
    ['one with groups that are no list', { groups: CLIENT }, { groups: undefined }],
    ['one whose id is in upper case', { oid: CALLER.toUpperCase() }, { objectId: CALLER }],
  ])('make %s', async (_what, over, expected) => {
    expect(await accepted(signed(key, claimsOf(HOME, over)))).toMatchObject(expected);
  });

  it('give a user’s assertion, which no text or JSON of the caller shows', async () => {
    const token = signed(key, claimsOf(HOME, { scp: 'access_as_user' }));
    const caller = await accepted(token);
    expect(caller.assertion?.text()).toBe(token);
    expect(JSON.stringify(caller)).not.toContain(token);
    expect((await accepted(signed(key, claimsOf(HOME)))).assertion).toBeUndefined();
  });
});

describe('the header Authorization', () => {
  const good = signed(key, claimsOf(HOME));

  it.each<[string, string]>([
    ['two of them, as a host joins them', `Bearer ${good}, Bearer ${good}`],
    ['two tokens', `Bearer ${good},${good}`],
    ['a token behind another', `Bearer ${good} ${good}`],
    ['an empty one in front', `, Bearer ${good}`],
    ['one more behind', `Bearer ${good},`],
    ['another scheme in front', `Basic YTpi, Bearer ${good}`],
    ['parameters', `Bearer token="${good}"`],
    ['quotes', `Bearer "${good}"`],
    ['no scheme', good],
    ['no blank', `Bearer${good}`],
    ['a tab', `Bearer\t${good}`],
    ['a colon', `Bearer: ${good}`],
    ['padding', `Bearer ${good}=`],
    ['a blank inside', `Bearer ${good.slice(0, 9)} ${good.slice(9)}`],
    ['a line break', `Bearer ${good}\n`],
    ['the other alphabet', `Bearer ${good.replaceAll('-', '+').replaceAll('_', '/').replace('.', '/.')}`],
    ['two parts', `Bearer ${good.split('.').slice(0, 2).join('.')}`],
    ['four parts', `Bearer ${good}.x`],
    ['an empty part', `Bearer ${good.split('.').slice(0, 2).join('.')}.`],
    ['a token of App Service', 'Bearer undefined'],
  ])('with %s is refused', async (_what, authorization) => {
    await refusal(authorization);
  });

  it('may have the scheme in any letter case, and several blanks', async () => {
    for (const scheme of ['bearer', 'BEARER', 'bEaReR  ']) {
      expect(await authenticate(`${scheme} ${good}`)).toMatchObject({ objectId: CALLER });
    }
  });

  it('is taken up to 16 KiB and not looked at beyond', async () => {
    const padded = (characters: number): string => {
      const token = signed(key, claimsOf(HOME, { pad: 'x'.repeat(characters) }));
      return `Bearer ${token}`;
    };
    expect(padded(11_000).length).toBeLessThan(16_384);
    expect(await authenticate(padded(11_000))).toBeDefined();
    expect(await refusal(padded(13_000))).toMatch(/not a signed JSON web token/);
  });

  it('with an encrypted token, or a token in a token, is refused', async () => {
    const nested = await new CompactEncrypt(Buffer.from(good))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT', kid: 'one' })
      .encrypt(key.publicKey);
    await refused(nested);
    await refused(signed(key, JSON.stringify(good), { cty: 'JWT' }));
  });

  it('is never answered by more than a refusal, whatever is in it', async () => {
    const parts = good.split('.');
    const part = fc.oneof(
      fc.constantFrom(...parts),
      fc.base64String(),
      fc.string(),
      fc.json().map(base64url),
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.tuple(part, part, part).map((all) => `Bearer ${all.join('.')}`),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (authorization) => {
        fc.pre(authorization !== `Bearer ${good}` && authorization !== '');
        await refusal(authorization);
      }),
      { numRuns: 300 },
    );
  });
});
