import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvOf } from '../../shared/http/csv.ts';

const rowsOf = (...rows: readonly object[]): readonly string[] => rows.map((row) => JSON.stringify(row));

/** A reader of RFC 4180 that knows nothing of how it was written: fields, and whether each was quoted. */
function parse(csv: string): { text: string; quoted: boolean }[][] {
  const lines: { text: string; quoted: boolean }[][] = [[]];
  const field = /("((?:[^"]|"")*)"|[^,\r\n]*)(,|\r\n|$)/gy;
  for (let match = field.exec(csv); match && field.lastIndex <= csv.length; match = field.exec(csv)) {
    const [, whole = '', inner, end] = match;
    lines.at(-1)?.push({ text: inner?.replaceAll('""', '"') ?? whole, quoted: inner !== undefined });
    if (field.lastIndex === csv.length) break;
    if (end === '\r\n') lines.push([]);
  }
  return lines;
}

describe('CSV', () => {
  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n1',
    '  =1',
    '\u0000=1',
    '\u200b=1',
    '\ufeff=1',
    '\uff1d1',
    '\uff0b1',
    '\uff0d1',
    '\uff20A',
  ])('has an apostrophe before %j', (text) => {
    const [, [cell] = []] = parse(csvOf(['a'], rowsOf({ a: text })));
    expect(cell?.text).toBe(`'${text}`);
  });

  test.each(['1', '1=1', 'a@b', 'x -1', "'=1", ''])('leaves %j as it is', (text) => {
    const [, [cell] = []] = parse(csvOf(['a'], rowsOf({ a: text })));
    expect(cell?.text).toBe(text);
  });

  test('defuses the names of columns too', () => {
    expect(csvOf(['=a'], rowsOf({ '+b': 1 }))).toBe("'=a,'+b\r\n,1\r\n");
  });

  test('writes numbers and dynamic values as the service did', () => {
    const row = '{"n":-9223372036854775808,"d":1.10,"e":1e400,"o":{"b":[1, "x,y"],"=":"\\u0041"},"t":true}';
    expect(csvOf(['n', 'd', 'e', 'o', 't'], [row])).toBe(
      'n,d,e,o,t\r\n-9223372036854775808,1.10,1e400,"{""b"":[1, ""x,y""],""="":""\\u0041""}",true\r\n',
    );
  });

  test('tells a null from an empty text, and both from a missing column', () => {
    expect(csvOf(['a', 'b', 'c'], ['{"a":null,"b":""}'])).toBe('a,b,c\r\n,"",\r\n');
  });

  test('has columns that only some rows have behind those of the schema', () => {
    expect(csvOf(['b'], rowsOf({ a: 1 }, { c: 3, b: 2 }, { B: 4 }))).toBe(
      'b,a,c,B\r\n,1,,\r\n2,,3,\r\n,,,4\r\n',
    );
  });

  test('keeps columns apart whose names differ by case, and annotations', () => {
    const rows = ['{"a":1,"A@odata.type":"#Int64","A":2}', '{"A":3}'];
    expect(csvOf(['A'], rows)).toBe('A,a,A@odata.type\r\n2,1,#Int64\r\n3,,\r\n');
  });

  test('of nothing is its header', () => {
    expect(csvOf(['a', 'b'], [])).toBe('a,b\r\n');
  });

  test('gives any text back to a reader of RFC 4180, and no field that begins as a formula', () => {
    const names = ['a', 'b', 'c'];
    const texts = fc.array(fc.tuple(...names.map(() => fc.string({ unit: 'grapheme', maxLength: 12 }))), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(texts, (rows) => {
        const written = csvOf(names, rowsOf(...rows.map(([a, b, c]) => ({ a, b, c }))));
        const [, ...lines] = parse(written);
        expect(written.endsWith('\r\n')).toBe(true);
        expect(lines).toHaveLength(rows.length);
        for (const [index, line] of lines.entries()) {
          const sent = rows[index] ?? [];
          expect(line).toHaveLength(sent.length);
          for (const [place, { text }] of line.entries()) {
            expect([sent[place], `'${sent[place]}`]).toContain(text);
            expect(text).not.toMatch(/^[=+\-@\t\r\n]/);
          }
        }
      }),
    );
  });
});
