import type { Random } from '../../faults/random.ts';
import { base64url } from '../directories.ts';

type Spoil = (token: string, random: Random, other: string) => string;

const at = (token: string, random: Random): number => random.below(token.length);
const partsOf = (token: string): string[] => token.split('.');
const withPart = (token: string, index: number, change: (part: string) => string): string =>
  partsOf(token)
    .map((part, each) => (each === index ? change(part) : part))
    .join('.');
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ODD = ['+', '/', '=', '.', ' ', ',', '"', '%2e', '\u00e9', '\t', ';', "'", '\\', 'é', '€'];

/** What can become of a token on its way, or be made of it by somebody who has no key. */
export const SPOILS: Readonly<Record<string, Spoil>> = {
  'a flipped bit': (token, random) =>
    withPart(token, random.below(3), (part) => {
      const bytes = Buffer.from(part, 'base64url');
      const index = random.below(bytes.length);
      bytes[index] = (bytes[index] ?? 0) ^ (1 << random.below(8));
      return bytes.toString('base64url');
    }),
  'another digit': (token, random) => {
    const index = at(token, random);
    return token.slice(0, index) + random.pick([...DIGITS]) + token.slice(index + 1);
  },
  'the last digit of a part': (token, random) =>
    withPart(token, random.below(3), (part) => part.slice(0, -1) + random.pick([...DIGITS])),
  'an odd character': (token, random) => {
    const index = at(token, random);
    return token.slice(0, index) + random.pick(ODD) + token.slice(index + random.below(2));
  },
  cut: (token, random) => token.slice(0, at(token, random)),
  'cut in front': (token, random) => token.slice(at(token, random)),
  'more behind': (token, random) =>
    token + random.pick(['=', '==', '.', '.x', ' ', '\t', 'A', ',', `,${token}`]),
  'the other alphabet': (token) => token.replaceAll('-', '+').replaceAll('_', '/'),
  padding: (token, random) =>
    withPart(token, random.below(3), (part) => part + '='.repeat((4 - (part.length % 4)) % 4 || 1)),
  'another part': (token, random, other) => {
    const index = random.below(3);
    return withPart(token, index, () => partsOf(other)[index] ?? '');
  },
  'parts in another order': (token, random) => random.shuffled(partsOf(token)).join('.'),
  'other letter case': (token, random) =>
    withPart(token, random.below(3), (part) =>
      random.percent(50) ? part.toUpperCase() : part.toLowerCase(),
    ),
  'more rights': (token, random) =>
    rewritten(token, 1, {
      roles: ['Incidents.Read', 'Hunts.Run', 'Incidents.Sync', 'Hunts.Read'],
      [random.pick(['tid', 'oid', 'exp'])]: random.pick(['x', 4e9]),
    }),
  'another algorithm': (token, random) =>
    rewritten(token, 0, { alg: random.pick(['none', 'HS256', 'RS512']) }),
  'no signature': (token) => `${partsOf(token).slice(0, 2).join('.')}.`,
  'one blank more inside': (token) =>
    withPart(token, 1, (part) => base64url(` ${Buffer.from(part, 'base64url')}`)),
  'a token in a token': (token) => withPart(token, 1, () => base64url(JSON.stringify(token))),
};

function rewritten(token: string, index: number, over: object): string {
  return withPart(token, index, (part) => {
    try {
      const value = JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
      return base64url({ ...value, ...over });
    } catch {
      return part;
    }
  });
}
