import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAnswerRows } from '../../shared/clients/answer-rows.ts';
import { createUtf8Chunks } from '../../shared/clients/utf8-chunks.ts';
import { objectText } from './json-text.ts';

/** Reads the body in chunks of the sizes given, in turn. */
function read(body: Buffer | string, sizes: readonly number[] = [1_000]) {
  const bytes = Buffer.from(body);
  const decoder = createUtf8Chunks();
  const parser = createAnswerRows();
  const rows: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const end = at + (sizes[turn % sizes.length] ?? 1);
    rows.push(...parser.push(decoder.push(bytes.subarray(at, end))));
    at = end;
  }
  decoder.end();
  return { rows, around: parser.end() };
}

const ROWS = [
  '{"ReportId@odata.type":"#Int64","ReportId":9223372036854775807}',
  '{ "d" : 79228162514264337593543950335.00 , "t":"2026-11-21T00:00:00.1234567Z","e":"","n":null}',
  '{"a":1,"A":2,"a":3,"dyn":{"x":[1,{"y":"]}\\"{["}]},"s":"\\\\"}',
  '{"q":"ä\u2028\u{1f600}\\u0000\\ud800"}',
  '{}',
];
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

describe('rows of an answer', () => {
  it('are exactly what the service wrote, however the body is cut into chunks', () => {
    const body = `\ufeff{"@odata.context":"c","schema":[{"name":"a","type":"Int64"}],"results": [\n${ROWS.join(' ,\r\n')}\t] ,"after":{"results":[1]}}\n`;
    fc.assert(
      fc.property(sizes, (cut) => {
        const { rows, around } = read(body, cut);
        expect(rows).toEqual(ROWS);
        expect(around).toEqual({
          '@odata.context': 'c',
          schema: [{ name: 'a', type: 'Int64' }],
          results: [],
          after: { results: [1] },
        });
      }),
      { numRuns: 60 },
    );
  });

  it('are found wherever "results" stands, with capitals or escapes in its name, and none if there are none', () => {
    expect(read('{"Results":[{"a":1}],"Stats":{},"Schema":[]}').rows).toEqual(['{"a":1}']);
    expect(read('{"schema":[["results",[1]]],"re\\u0073ults":[{"a":1}]}').rows).toEqual(['{"a":1}']);
    expect(read('{"schema":[],"results":[ ]}').rows).toEqual([]);
    expect(read('{"note":"results","x":["results"],"results":[{}]}').rows).toEqual(['{}']);
  });

  it('are any objects, with any spelling', () => {
    fc.assert(
      fc.property(fc.array(objectText, { maxLength: 6 }), sizes, (objects, cut) => {
        const { rows } = read(`{"results":[${objects.join(',')}]}`, cut);
        expect(rows).toEqual(objects.map((text) => text.trim()));
      }),
      { numRuns: 200 },
    );
  });

  it('of a broken or cut answer are an error, never fewer rows', () => {
    const whole = '{"schema":[],"results":[{"a":"x"},{"b":[2]}],"more":1}';
    for (let end = 0; end < whole.length; end += 1) {
      expect(() => read(whole.slice(0, end), [7]), whole.slice(0, end)).toThrow(SyntaxError);
    }
    for (const bad of [
      '{"results":[{"a":1}{"b":2}]}',
      '{"results":[{"a":1},]}',
      '{"results":[,{"a":1}]}',
      '{"results":[[1]]}',
      '{"results":[1]}',
      '{"results":[{"a":01}]}',
      '{"results":[{"a":1}],"results":[]}',
      '{"results":[{"a":"line\nend"}]}',
      '{"results":null}',
      '{"results":[]}}',
      '{"results":[]} x',
      '{"value":[]}',
      '[]',
      '{"results":[{"a":1}],}',
    ]) {
      expect(() => read(bad), bad).toThrow(SyntaxError);
    }
  });

  it('are refused when they are not UTF-8, cut characters included', () => {
    const body = Buffer.from('{"results":[{"a":"ä€\u{1f600}"}]}');
    for (let size = 1; size < 8; size += 1) expect(read(body, [size]).rows).toEqual(['{"a":"ä€\u{1f600}"}']);
    expect(() => read(Buffer.from('{"results":[{"a":"\xe4"}]}', 'latin1'), [3])).toThrow(SyntaxError);
    const parser = createUtf8Chunks();
    parser.push(Buffer.from([0x61, 0xf0, 0x9f]));
    expect(() => parser.end()).toThrow(SyntaxError);
  });

  it('bound what is held: a frame or a row without end is refused', () => {
    const parser = createAnswerRows();
    const fill = 'x'.repeat(1024 * 1024);
    expect(() => {
      parser.push('{"results":[],"x":"');
      for (let n = 0; n < 5; n += 1) parser.push(fill);
    }).toThrow('around the rows');
    const row = createAnswerRows();
    expect(() => {
      row.push('{"results":[{"x":"');
      for (let n = 0; n < 33; n += 1) row.push(fill);
    }).toThrow('a row of more than');
  });

  it('go through any depth without recursion', () => {
    const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    expect(read(`{"results":[${deep}]}`).rows).toEqual([deep]);
  });
});
