import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, versionOf } from '../../shared/incidents/canonical.ts';
import { valueText } from '../clients/json-text.ts';

const version = (text: string): string => versionOf(text, 'graph');

// Without keys that JSON.parse of V8 13.6 mixes up: see test/clients/json-text.ts.
const anyValue = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"\\\\":'));

/** The same value with members and array elements in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered).reverse();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]): [string, unknown] => [name, reordered(member)])
      .reverse(),
  );
}

/** What a JSON value says, apart from the order of members and array elements and from annotations. */
function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaning).sort(byText);
  if (typeof value !== 'object' || value === null) return value;
  const counting = Object.entries(value).filter(
    ([name]) => name === '@odata.type' || !name.includes('@odata.'),
  );
  return new Map(counting.map(([name, member]): [string, unknown] => [name, meaning(member)]).sort(byText));
}

function byText(a: unknown, b: unknown): number {
  return inspect(a, { depth: null }) < inspect(b, { depth: null }) ? -1 : 1;
}

describe('the version of an incident', () => {
  it('has a canonical form that is JSON, says the same, and is its own canonical form', () => {
    fc.assert(
      fc.property(valueText, (text) => {
        const canonical = canonicalText(text);
        expect(meaning(JSON.parse(canonical))).toEqual(meaning(JSON.parse(text)));
        expect(canonicalText(canonical)).toBe(canonical);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['blanks', '{ "a" :\t[ 1 , 2 ]\n}', '{"a":[1,2]}'],
    ['the spelling of text', '{"\\u0061":"\\/\\u00e9"}', '{"a":"/é"}'],
    ['the first of two members of one name', '{"a":1,"b":2,"\\u0061":3}', '{"b":2,"a":3}'],
  ])('does not depend on %s', (_what, a, b) => {
    expect(version(a)).toBe(version(b));
  });

  it('fails for a text that is not whole, rather than giving it a version', () => {
    for (const text of ['', '{"a":', '{"a":[1', '"a', '[1,'])
      expect(() => version(text)).toThrow(SyntaxError);
  });

  it('does not depend on the order of members and arrays', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(version(JSON.stringify(reordered(value)))).toBe(version(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on @odata annotations, but on @odata.type', () => {
    expect(version('{"@odata.etag":"1","alerts@odata.context":"x","a":1}')).toBe(version('{"a":1}'));
    expect(version('{"@odata.type":"x"}')).not.toBe(version('{"@odata.type":"y"}'));
  });

  it.each([
    ['a value', '{"a":1}', '{"a":2}'],
    ['null and absence', '{"a":null}', '{}'],
    ['text and number', '{"a":"1"}', '{"a":1}'],
    ['digits beyond 2^53', '{"a":9223372036854775807}', '{"a":9223372036854775806}'],
    ['the spelling of a number', '{"a":1.0}', '{"a":1}'],
    ['zero and minus zero', '{"a":0}', '{"a":-0}'],
    ['numbers out of range', '{"a":[1e400]}', '{"a":[1e401]}'],
    ['an element twice', '{"a":["x","x"]}', '{"a":["x"]}'],
    ['a lone surrogate', '{"a":"\\ud800"}', '{"a":"\\ud801"}'],
  ])('tells apart %s', (_what, a, b) => {
    expect(version(a)).not.toBe(version(b));
  });

  it('depends on the family: the same words of two APIs are two records', () => {
    expect(versionOf('{"a":1}', 'graph')).not.toBe(versionOf('{"a":1}', 'xdr'));
  });

  it('keeps numbers in the canonical form as they were spelled', () => {
    expect(canonicalText('{"b":[1.50,{"c":-0.0}],"a":12345678901234567890}')).toBe(
      '{"a":12345678901234567890,"b":[1.50,{"c":-0.0}]}',
    );
  });

  it('survives nesting deeper than the stack', () => {
    const deep = `${'['.repeat(50_000)}1${']'.repeat(50_000)}`;
    expect(version(`{"a":${deep}}`)).toMatch(/^[0-9a-f]{64}$/);
  });
});
