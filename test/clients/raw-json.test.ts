import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementsOf, membersOf, readCollection } from '../../shared/clients/raw-json.ts';
import { arrayText, objectText, stringText, valueText } from './json-text.ts';

const BLANKS = /^[ \t\n\r]*$/;

describe('elements of an array', () => {
  it('are what JSON.parse sees, and with what is between them the whole text', () => {
    fc.assert(
      fc.property(arrayText, (text) => {
        const { elements, end } = elementsOf(text);
        expect(end).toBe(text.length);
        expect(elements.map(({ start, end: stop }) => JSON.parse(text.slice(start, stop)))).toEqual(
          JSON.parse(text),
        );
        const edges = [1, ...elements.flatMap(({ start, end: stop }) => [start, stop]), text.length - 1];
        for (let index = 0; index < edges.length; index += 2) {
          const between = text.slice(edges[index], edges[index + 1]);
          expect(between.replace(',', '')).toMatch(BLANKS);
        }
      }),
    );
  });
});

describe('members of an object', () => {
  it('are what JSON.parse sees, the last of a repeated key counting', () => {
    fc.assert(
      fc.property(objectText, (text) => {
        const entries = membersOf(text).map(({ key, value }) => [
          key,
          JSON.parse(text.slice(value.start, value.end)),
        ]);
        expect(Object.fromEntries(entries)).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('a page', () => {
  const page = fc.tuple(fc.array(valueText, { maxLength: 5 }), objectText, stringText);

  it('gives back every element byte for byte, whatever else is around', () => {
    fc.assert(
      fc.property(page, fc.boolean(), ([elements, other, link], marked) => {
        const text = `${marked ? '\ufeff' : ''} {"value":[1], "other": ${other},\n"v\\u0061lue" : [ ${elements.join(
          ' , ',
        )} ],"@odata.nextLink":${link}}\n`;
        expect(readCollection(text)).toEqual({ elements, nextLink: JSON.parse(link) });
      }),
    );
  });

  it('has no link when the member is missing or null', () => {
    expect(readCollection('{"value":[]}').nextLink).toBeUndefined();
    expect(readCollection('{"value":[],"@odata.nextLink":null}').nextLink).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '<html>503</html>'],
    ['cut in an element', '{"value":[{"id":"1"'],
    ['cut in a string', '{"value":["abc'],
    ['cut after an escape', '{"value":["abc\\'],
    ['cut after a comma', '{"value":[1,'],
    ['an array', '[{"id":"1"}]'],
    ['no value', '{"values":[]}'],
    ['a value that is no array', '{"value":{}}'],
    ['a later value that is no array', '{"value":[1],"value":{"0":2}}'],
    ['a link that is no text', '{"value":[],"@odata.nextLink":7}'],
    ['text after the end', '{"value":[]} x'],
    ['a missing comma', '{"value":[] "@odata.nextLink":""}'],
    ['a trailing comma', '{"value":[1,]}'],
    ['an empty element', '{"value":[1,,2]}'],
    ['a bare key', '{value:[]}'],
    ['brackets that do not match', '{"value":[1}]'],
  ])('that is %s is refused', (_name, text) => {
    expect(() => readCollection(text)).toThrow(SyntaxError);
  });

  it('never takes for JSON what JSON.parse refuses, element by element', () => {
    const cut = fc.tuple(page, fc.nat(), fc.constantFrom('', ',', ']', '}', '"', '0', '\\'));
    fc.assert(
      fc.property(cut, ([[elements, other], place, with_]) => {
        const whole = `{"other":${other},"value":[${elements.join(',')}]}`;
        const at = place % whole.length;
        const text = whole.slice(0, at) + with_ + whole.slice(at + 1);
        const accepts = (): void => {
          for (const element of readCollection(text).elements) JSON.parse(element);
        };
        let valid = true;
        try {
          valid = Array.isArray(JSON.parse(text).value);
        } catch {
          valid = false;
        }
        if (valid) expect(accepts).not.toThrow();
        else expect(accepts).toThrow(SyntaxError);
      }),
      { numRuns: 500 },
    );
  });

  it('may be nested a million deep', () => {
    const deep = '['.repeat(1e6) + ']'.repeat(1e6);
    expect(readCollection(`{"value":[${deep}]}`).elements).toEqual([deep]);
  });

  it('is read in time that grows with its length, whatever its strings hold', () => {
    const nasty = `"${'\\\\'.repeat(1_000_000)}\\"${'\\"'.repeat(500_000)}"`;
    const started = performance.now();
    expect(readCollection(`{"value":[${nasty}]}`).elements[0]).toHaveLength(nasty.length);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
