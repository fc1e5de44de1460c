import fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { base64url, CALLER, claimsOf, HOME, signed } from '../callers/directories.ts';
import { type AuthenticateRig, createAuthenticateRig, key, refusalOf } from './authenticate-rig.ts';

let rig: AuthenticateRig;
beforeEach(() => {
  rig = createAuthenticateRig();
  vi.stubGlobal('fetch', rig.directories.fetch);
});
afterEach(() => vi.unstubAllGlobals());

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
    await refusalOf(rig.authenticate, authorization);
  });

  it('may have the scheme in any letter case, and several blanks', async () => {
    for (const scheme of ['bearer', 'BEARER', 'bEaReR  ']) {
      expect(await rig.authenticate(`${scheme} ${good}`)).toMatchObject({ objectId: CALLER });
    }
  });

  it('is taken up to 16 KiB and not looked at beyond', async () => {
    const padded = (characters: number): string => {
      const token = signed(key, claimsOf(HOME, { pad: 'x'.repeat(characters) }));
      return `Bearer ${token}`;
    };
    expect(padded(11_000).length).toBeLessThan(16_384);
    expect(await rig.authenticate(padded(11_000))).toBeDefined();
    expect(await refusalOf(rig.authenticate, padded(13_000))).toMatch(/not a signed JSON web token/);
  });

  it('with an encrypted token, or a token in a token, is refused', async () => {
    const nested = await new CompactEncrypt(Buffer.from(good))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT', kid: 'one' })
      .encrypt(key.publicKey);
    await rig.refused(nested);
    await rig.refused(signed(key, JSON.stringify(good), { cty: 'JWT' }));
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
        await refusalOf(rig.authenticate, authorization);
      }),
      { numRuns: 300 },
    );
  });
});
