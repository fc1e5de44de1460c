import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findSecrets } from './find-secrets.ts';
import { SHOWN } from './pieces.ts';
import { createSecretIndex } from './secret-index.ts';

const SECRET = 'lab8Q~aB3.dE5_gH7+iJ9/kL1=mN3-oP5~qR7';
const SHORT = 'correct-horse';
const OTHER = 'another one, with blanks in it & more';
const index = createSecretIndex([OTHER, SECRET, SHORT].map((secret) => [Buffer.from(secret)]));
const find = (text: string | Uint8Array) => findSecrets(index, Buffer.from(text));
const formsOf = (text: string | Uint8Array) => find(text).map(({ secret, form }) => `${secret} ${form}`);

/** Every way to cut so many characters out of the secret. */
function windows(length: number): string[] {
  return Array.from({ length: SECRET.length - length + 1 }, (_, at) => SECRET.slice(at, at + length));
}

describe('a secret is found', () => {
  it('whole, with the line that it is in', () => {
    expect(find(`one\ntwo\nthree ${SECRET}.\n`)).toEqual([{ secret: 1, form: 'plain', line: 3 }]);
  });

  it('by any 20 characters of it, and not by 19', () => {
    for (const part of windows(SHOWN)) {
      expect(formsOf(part), part).toEqual(['1 plain']);
      expect(formsOf(`{"x":"${part}"}`), part).toEqual(['1 plain']);
    }
    for (const part of windows(SHOWN - 1)) expect(formsOf(`<${part}>`), part).toEqual([]);
  });

  it('when it is shorter, as a whole only', () => {
    expect(formsOf(`so ${SHORT}!`)).toEqual(['2 plain']);
    expect(formsOf(`so ${SHORT.slice(0, -1)}!`)).toEqual([]);
  });

  it('in base64 of either alphabet, wherever it lies in what was encoded', () => {
    for (const before of ['', 'a', 'ab', 'abc']) {
      for (const part of [SECRET, ...windows(SHOWN)]) {
        const text = Buffer.from(`${before}${part}…`);
        expect(formsOf(text.toString('base64')), `${before}${part}`).toContain('1 base64');
        expect(formsOf(`"${text.toString('base64url')}"`), `${before}${part}`).toContain('1 base64');
      }
    }
  });

  it('in base64 that other letters come before', () => {
    const text = Buffer.from(SECRET).toString('base64url');
    for (const before of ['', 'x', 'x/', 'x-y', 'name']) {
      expect(formsOf(`at ${before}${text}`), before).toEqual(['1 base64']);
    }
  });

  it('in base64 that is broken into lines', () => {
    const lines = Buffer.from(`${'-'.repeat(70)}${SECRET}`)
      .toString('base64')
      .match(/.{1,64}/g);
    expect(formsOf(lines?.join('\n') ?? '')).toEqual(['1 base64']);
  });

  it('with percent signs, also twice over', () => {
    const once = encodeURIComponent(SECRET);
    expect(once).not.toBe(SECRET);
    expect(formsOf(`at https://x/?secret=${once}&y=%zz%2`)).toEqual(['1 percent-encoded']);
    expect(formsOf(encodeURIComponent(once))).toEqual(['1 percent-encoded, percent-encoded']);
    const far = 'and some more of the text '.repeat(20);
    expect(formsOf(`${far}${once}${far}`)).toEqual(['1 percent-encoded']);
    expect(formsOf(`%20${far}${once}`)).toEqual(['1 percent-encoded']);
    expect(formsOf(`%20${far}${once}${far}%20`)).toEqual(['1 percent-encoded']);
    const packed = Buffer.from(`${SECRET}${SECRET}`).toString('base64').replaceAll('=', '%3D');
    expect(formsOf(`x=${packed}`)).toEqual(['1 percent-encoded, base64']);
    const all = Buffer.from(SECRET).toString('hex').replaceAll(/../g, '%$&');
    expect(formsOf(all)).toEqual(['1 percent-encoded']);
  });

  it('in hexadecimal digits of either case', () => {
    const digits = Buffer.from(SECRET).toString('hex');
    expect(formsOf(`<${digits}>`)).toEqual(['1 hexadecimal']);
    expect(formsOf(`0${digits.toUpperCase()}`)).toEqual(['1 hexadecimal']);
  });

  it('in gzip, wherever that begins, also when it is cut off', () => {
    const packed = gzipSync(`${'some text before '.repeat(300)}${SECRET}`);
    expect(formsOf(packed)).toEqual(['1 gzip']);
    expect(formsOf(Buffer.concat([Buffer.from('head\n'), packed, Buffer.from('\ntail')]))).toEqual([
      '1 gzip',
    ]);
    const uncompressed = gzipSync(`${SECRET}${'and so on '.repeat(300)}`, { level: 0 });
    expect(formsOf(uncompressed.subarray(0, 1000))).toEqual(['1 plain']);
    const cut = gzipSync(Buffer.from(`${SECRET}${'and so on '.repeat(300)}`).toString('base64'));
    expect(formsOf(cut.subarray(0, -20))).toEqual(['1 gzip, base64']);
  });

  it('in base64 in gzip in base64', () => {
    const inner = Buffer.from(`{"secret":"${SECRET}"}`).toString('base64');
    const outer = gzipSync(`{"value":"${inner}"}`).toString('base64');
    expect(formsOf(`{"PartitionKey":"t","Data":"${outer}"}`)).toEqual(['1 base64, gzip, base64']);
  });

  it('beside others', () => {
    expect(formsOf(`${OTHER} ${Buffer.from(`x${SECRET}`).toString('base64')} ${SHORT}`).sort()).toEqual([
      '0 plain',
      '1 base64',
      '2 plain',
    ]);
  });
});

describe('of secrets that have much in common', () => {
  const common = 'what-all-of-them-say-alike';
  const tokens = ['one', 'two', 'three'].map((name) => [
    Buffer.from(`${common}-before-${name}`),
    Buffer.from(`the-same-in-each-${common}`),
    Buffer.from(`signature-of-${name}-${name}-${name}`),
  ]);
  const alike = createSecretIndex(tokens);
  const named = (text: string) => findSecrets(alike, Buffer.from(text)).map(({ secret }) => secret);

  it('the one that shows is named', () => {
    expect(named(tokens[1]?.join('.') ?? '')).toEqual([1]);
    expect(named(`${tokens[2]?.join('.')} ${tokens[0]?.join('.')}`).sort()).toEqual([0, 2]);
  });

  it('any of them is, when only that shows', () => {
    expect(named(common)).toHaveLength(1);
    expect(named(`the-same-in-each-${common}`)).toHaveLength(1);
  });
});

describe('nothing is taken for a secret', () => {
  it('in other text', () => {
    expect(find('')).toEqual([]);
    expect(
      find('plain text, aGVsbG8gd29ybGQsIHRoaXMgaXMgbm90IGl0, 00112233445566778899aabbccddeeff'),
    ).toEqual([]);
    expect(find(Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 1, 2, 3]))).toEqual([]);
    expect(find(`${SECRET.slice(0, 19)}|${SECRET.slice(19, 38)}`)).toEqual([]);
  });

  it('in the end of one and the beginning of another', () => {
    expect(find(`${OTHER.slice(-15)}${SECRET.slice(0, 15)}`)).toEqual([]);
  });

  it('when there are no secrets', () => {
    expect(findSecrets(createSecretIndex([]), Buffer.from(SECRET))).toEqual([]);
  });
});

it('costs little however many secrets there are', () => {
  const many = createHash('shake256', { outputLength: 2_000_000 }).update('secrets').digest();
  const secrets = Array.from({ length: 5_000 }, (_, at) => [many.subarray(at * 400, at * 400 + 400)]);
  const large = createSecretIndex(secrets);
  const text = Buffer.alloc(5_000_000, '{"displayName":"Suspicious sign-in","id":924518},');
  many.copy(text, 4_000_003, 399_950, 400_020);
  const start = process.cpuUsage();
  const found = large.find(text).map(({ secret }) => secret);
  const { user } = process.cpuUsage(start);
  expect(new Set(found)).toEqual(new Set([999, 1000]));
  expect(user / 1000).toBeLessThan(1_000);
});
