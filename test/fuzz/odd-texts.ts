import fc from 'fast-check';

/** A text as the bytes that go over the wire, one character each. */
export const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** A text as it stands in an address. */
export const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
/** Texts that code has stumbled over. */
export const oddText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '\u0000',
    'a\u0000b',
    '\ud83d\ude00',
    '\u202eabc',
    '\ufeff',
    'İi\u0307',
    'ﬁ',
    '\u2028',
    '𐀀',
  ),
  fc.constantFrom("' or PartitionKey gt '", '"; drop', '<script>', '{{7*7}}', '../../x', 'a|b', 'c|1', '*'),
);
const longText = fc.tuple(
  fc.constantFrom('x', '9', '%41', 'é'),
  fc.constantFrom(200, 900, 4_000, 12_000, 40_000),
);
const long = longText.map(([unit, size]) => utf8(unit.repeat(Math.ceil(size / utf8(unit).length))));

/** A path segment that is odd but percent-encoded as it should be, or not at all. */
export const oddSegment = fc.oneof(
  { weight: 6, arbitrary: oddText.map(encoded) },
  { weight: 2, arbitrary: oddText.map((text) => encoded(encoded(text))) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('%', '%2', '%zz', '%c0%af', '%ff', '%ed%a0%80', '%00', '%2f', 'a%2Fb%23c%3F'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '.',
      '..',
      '%2e',
      '%2E%2e',
      '%252e%252e',
      '...',
      '~',
      ';x=1',
      'a;b',
      '',
      ' ',
      '\t',
    ),
  },
  { weight: 1, arbitrary: oddText.map(utf8) },
  { weight: 1, arbitrary: long },
);
