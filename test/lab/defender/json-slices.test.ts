import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elementsOf, membersOf, sliceText, withoutMembers } from '../../../lab/defender/json-slices.ts';

const elements = (text: string): string[] => elementsOf(text).map((slice) => sliceText(text, slice));
const members = (text: string): [string, string][] =>
  membersOf(text).map(({ key, value }) => [key, sliceText(text, value)]);
const withoutAlerts = (text: string): string => withoutMembers(text, (key) => key === 'alerts');

describe('elements of an array', () => {
  test.each<[string, string[]]>([
    ['[]', []],
    [' [ ] ', []],
    ['[1.0,1e400,-0,9223372036854775807]', ['1.0', '1e400', '-0', '9223372036854775807']],
    ['[\n 1 ,\t"a" \r\n]', ['1', '"a"']],
    ['["]","[","{",",","}"]', ['"]"', '"["', '"{"', '","', '"}"']],
    ['["\\"],[","\\\\"]', ['"\\"],["', '"\\\\"']],
    ['[{"a":[1,{"b":"}"}]},[[],[]]]', ['{"a":[1,{"b":"}"}]}', '[[],[]]']],
    ['[{"a":1,"a":2},null,true]', ['{"a":1,"a":2}', 'null', 'true']],
    ['["\\u005d\\ud800","é𝒳"]', ['"\\u005d\\ud800"', '"é𝒳"']],
  ])('%s', (text, expected) => {
    JSON.parse(text);
    expect(elements(text)).toEqual(expected);
  });

  test('of any JSON, in any indentation, are what JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 1, '\t', ' \n'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(elements(text).map((element) => JSON.parse(element))).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('members of an object', () => {
  test.each<[string, [string, string][]]>([
    ['{}', []],
    [
      '{ "a" : 1 , "b":{"c":"}"} }',
      [
        ['a', '1'],
        ['b', '{"c":"}"}'],
      ],
    ],
    [
      '{"a":1,"a":1.0}',
      [
        ['a', '1'],
        ['a', '1.0'],
      ],
    ],
    [
      '{"\\u0061lerts":[],"":2}',
      [
        ['alerts', '[]'],
        ['', '2'],
      ],
    ],
    ['{"a:,\\"b":":,"}', [['a:,"b', '":,"']]],
    ['{"a"\n:\n[1,2]}', [['a', '[1,2]']]],
  ])('%s', (text, expected) => {
    JSON.parse(text);
    expect(members(text)).toEqual(expected);
  });

  test('of any object are what JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const found = members(text).map(([key, part]) => [key, JSON.parse(part)]);
        expect(found).toEqual(Object.entries(JSON.parse(text) as object));
      }),
    );
  });
});

describe('an object without some of its members', () => {
  test.each([
    ['{"id":"1","alerts":[{"id":"2"}]}', '{"id":"1"}'],
    ['{"alerts":[],"id":1.0}', '{"id":1.0}'],
    ['{"alerts":[]}', '{}'],
    ['{"a":1,"\\u0061lerts":[{"alerts":[]}],"b":2,"alerts":null}', '{"a":1,"b":2}'],
    ['{"a":{"alerts":[1]}}', '{"a":{"alerts":[1]}}'],
    ['{ "a" : 1e2 }', '{ "a" : 1e2 }'],
  ])('%s', (text, expected) => {
    expect(withoutAlerts(text)).toBe(expected);
  });
});

test('what is no array or object, or does not end, is refused', () => {
  expect(() => elements('{}')).toThrow(/expected \[/);
  expect(() => members('[1]')).toThrow(/expected \{/);
  expect(() => elements('["a')).toThrow(/unfinished string/);
  expect(() => elements('[{"a":1')).toThrow(/unfinished value/);
});
