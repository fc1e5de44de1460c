import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Document, isScalar, parse, Scalar } from 'yaml';
import { positionInFile } from '../../../shared/hunting/library/positions.ts';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { bytesOf, misplaced } from './places.ts';

const RUNS = { numRuns: 100 };

const word = fc.constantFrom(
  ...[
    'DeviceEvents',
    '| where',
    'a == "b"',
    "'it''s'",
    '\\\\server\\share',
    '@"c:\\temp"',
    '// x: y',
    '#',
    '- ',
    '{',
    '%',
    '&a',
    '*b',
    '!t',
    '?',
    ': ',
    'ü東🙂',
    '\t',
    '"',
    "'",
    '  ',
  ],
);
const line = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '));
/** Queries of several lines, some empty, some indented, with everything that YAML and Markdown find special. */
const queryText = fc
  .array(fc.tuple(fc.constantFrom('', '  ', '    ', '\t'), line), { minLength: 1, maxLength: 8 })
  .map((lines) => lines.map(([indent, text]) => indent + text).join('\n'))
  .filter((text) => text.trim() !== '' && !text.includes('```'));
const eol = fc.constantFrom('\n', '\r\n');
const bom = fc.constantFrom('', '\ufeff');

function onlyQuery(path: string, file: string): HuntingQuery {
  const { queries, problems } = readQueryFile(path, bytesOf(file));
  expect(problems).toEqual([]);
  expect(queries).toHaveLength(1);
  return queries[0] as HuntingQuery;
}

function yamlWith(text: string, type: Scalar.Type, width: number): string {
  const document = new Document({ name: 'n', query: text, severity: 'low' });
  const node = document.get('query', true);
  if (isScalar(node)) node.type = type;
  return document.toString({ lineWidth: width, minContentWidth: 10, indent: 3 });
}

describe('the place of each character in the file', () => {
  for (const type of [
    Scalar.BLOCK_LITERAL,
    Scalar.BLOCK_FOLDED,
    Scalar.QUOTE_DOUBLE,
    Scalar.QUOTE_SINGLE,
    Scalar.PLAIN,
  ] as const) {
    it(`is exact in YAML, ${type}`, () => {
      fc.assert(
        fc.property(queryText, fc.constantFrom(0, 24, 60), eol, bom, (text, width, end, mark) => {
          const file = mark + yamlWith(text, type, width).replaceAll('\n', end);
          const query = onlyQuery('q.yaml', file);
          // Not the text itself: with three blanks the library writes some texts as others.
          expect(query.text).toBe(parse(file.replace(/^\ufeff/, '')).query);
          expect(misplaced(query, file)).toEqual([]);
        }),
        RUNS,
      );
    });
  }

  it('is exact in literal blocks with indentation indicators and every chomping', () => {
    fc.assert(
      fc.property(
        queryText,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('', '-', '+'),
        eol,
        (text, indent, chomp, end) => {
          const body = text.split('\n').map((one) => (one === '' ? '' : ' '.repeat(indent) + one));
          const file = [
            `name: n`,
            `query: |${indent}${chomp} # the query`,
            ...body,
            'severity: low',
            '',
          ].join(end);
          const query = onlyQuery('q.yaml', file);
          expect(query.text.trimEnd()).toBe(text.trimEnd());
          expect(misplaced(query, file)).toEqual([]);
        },
      ),
      RUNS,
    );
  });

  it('of empty lines is theirs, at the beginning of a folded text and inside it', () => {
    const query = onlyQuery('q.yaml', 'query: >\n\n\n  DeviceEvents\n\n\n  | take 1\n');
    expect(query.text).toBe('\n\nDeviceEvents\n\n| take 1\n');
    expect(query.source.lines).toEqual([
      { line: 2, column: 1 },
      { line: 3, column: 1 },
      { line: 4, column: 3 },
      { line: 5, column: 1 },
      { line: 7, column: 3 },
      { line: 8, column: 1 },
    ]);
  });

  it('is exact in flow scalars over several lines, with escapes and continued lines', () => {
    const file = [
      'name: n',
      "query: 'DeviceEvents",
      '',
      "  | where A == ''x''   ",
      "    | take 1'",
      'details: "b"',
    ].join('\n');
    const single = onlyQuery('q.yaml', file);
    expect(single.text).toBe("DeviceEvents\n| where A == 'x' | take 1");
    expect(misplaced(single, file)).toEqual([]);
    expect(positionInFile(single, single.text.indexOf('take'))).toEqual({ line: 5, column: 7 });

    const double = [
      'name: n',
      'query: "Device\\',
      '   Events\\n| where A == \\"\\x41\\u00e9\\"',
      '  | take 1"',
      '',
    ].join('\r\n');
    const query = onlyQuery('q.yaml', double);
    expect(query.text).toBe('DeviceEvents\n| where A == "Aé" | take 1');
    expect(misplaced(query, double)).toEqual([]);
    expect(positionInFile(query, query.text.indexOf('Events'))).toEqual({ line: 3, column: 4 });
    expect(positionInFile(query, query.text.indexOf('é'))).toEqual({ line: 3, column: 31 });
    expect(query.source.lines).toEqual([
      { line: 2, column: 9 },
      { line: 3, column: 12 },
    ]);
  });

  it('is exact behind every escape that YAML has', () => {
    const escapes = String.raw`\0\a\b\t\n\v\f\r\e\ \"\/\\\N\_\L\P\x41\u0042\U0001F642`;
    const query = onlyQuery('q.yaml', `query: "${escapes}z"\n`);
    expect(query.text).toBe('\0\x07\b\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029AB🙂z');
    expect(positionInFile(query, query.text.length - 1)).toEqual({ line: 1, column: 9 + escapes.length });
    expect(positionInFile(query, query.text.indexOf('B'))).toEqual({
      line: 1,
      column: 9 + escapes.indexOf('\\u0042'),
    });
  });

  it('is exact in Markdown fences, indented ones too', () => {
    fc.assert(
      fc.property(queryText, fc.constantFrom('', '  ', '\t', '    '), eol, bom, (text, indent, end, mark) => {
        const body = text.split('\n').map((one) => indent + one);
        const file =
          mark +
          ['# Title', '', '## Query', `${indent}\`\`\`kusto`, ...body, `${indent}\`\`\``, ''].join(end);
        const query = onlyQuery('q.md', file);
        expect(query.text).toBe(text);
        expect(misplaced(query, file)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('is exact in files of bare KQL', () => {
    fc.assert(
      fc.property(queryText, eol, bom, (text, end, mark) => {
        const file = mark + text.replaceAll('\n', end);
        const query = onlyQuery('q.kql', file);
        expect(query.text).toBe(text);
        expect(misplaced(query, file)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('stays exact behind a placeholder that became a parameter', () => {
    const file = 'name: n\nquery: |\n  let a = "{{Host}}"; let b = long({{ Count }});\n  print a, b\n';
    const query = onlyQuery('q.yaml', file);
    expect(query.text).toBe('let a = p_Host; let b = p_Count;\nprint a, b\n');
    expect(positionInFile(query, query.text.indexOf('p_Host'))).toEqual({ line: 3, column: 11 });
    expect(positionInFile(query, query.text.indexOf('; let b'))).toEqual({ line: 3, column: 21 });
    expect(positionInFile(query, query.text.indexOf('print'))).toEqual({ line: 4, column: 3 });
  });

  it('of the end of a text is behind its last character', () => {
    const query = onlyQuery('q.kql', 'print 1');
    expect(positionInFile(query, 7)).toEqual({ line: 1, column: 8 });
  });
});
