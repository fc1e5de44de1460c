import { describe, expect, it } from 'vitest';
import { MOST_FILE_BYTES } from '../../../shared/hunting/library/decode-text.ts';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import { bytesOf } from './places.ts';

/** CPU seconds that the worst file may take on any machine. */
const MOST_CPU_S = 5;
const GOOD = ['id: a', 'query: print 1'];

/** Reads a file and expects one problem of it, and no query. */
function onlyProblem(path: string, content: string | Uint8Array) {
  const bytes = typeof content === 'string' ? bytesOf(content) : content;
  const { queries, problems } = readQueryFile(path, bytes);
  expect(queries).toEqual([]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ file: path, severity: 'error' });
  expect(problems[0]?.message).not.toContain('\n');
  return problems[0];
}

const utf16 = (text: string, mark = true): Uint8Array =>
  Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');

describe('a bad file gives one clear problem', () => {
  it.each([
    ['an alias', ['x: &x [1]', ...GOOD, 'y: *x'], { code: 'LIB114', line: 4, column: 4 }],
    ['a merge of an alias', ['x: &x { a: 1 }', ...GOOD, 'y: { <<: *x }'], { code: 'LIB114', line: 4 }],
    ['a tag of its own', [...GOOD, 'y: !run rm'], { code: 'LIB113', line: 3, column: 4 }],
    ['a tag on a map', [...GOOD, 'y: !<tag:x> { a: 1 }'], { code: 'LIB113', line: 3 }],
    [
      'a tag of YAML',
      ['query: !!binary &a', '  aGk='],
      { code: 'LIB113', line: 1, column: 8, message: expect.stringMatching(/^!!binary is a YAML tag/) },
    ],
    ['a duplicate key', [...GOOD, 'id: b'], { code: 'LIB112', line: 3, column: 1 }],
    [
      'a duplicate key inside',
      [...GOOD, 'extra: { x: { k: 1, "k": 2 } }'],
      { code: 'LIB112', line: 3, column: 21 },
    ],
    ['a syntax error', [...GOOD, 'tags: [a'], { code: 'LIB111', line: 3 }],
    ['a tab as indentation', ['id: a', 'query: |', '\tprint 1'], { code: 'LIB111' }],
    ['an empty query', ['id: a', 'query: ""'], { code: 'LIB201', line: 1 }],
    ['no query', ['id: a', 'name: b'], { code: 'LIB201', line: 1 }],
    ['YAML of something else', ['# ci', 'on: push', 'jobs:', '  a: 1'], { code: 'LIB201', line: 2 }],
    ['a list of texts', ['queries: [a, b]'], { code: 'LIB202' }],
    ['nothing', [''], { code: 'LIB105', line: 1, column: 1 }],
    ['blanks', ['  ', '\t', ''], { code: 'LIB105' }],
  ] as const)('%s', (_what, lines, expected) => {
    expect(onlyProblem('a.yaml', lines.join('\n'))).toMatchObject(expected);
  });

  it('a bomb of aliases, without blowing it up', () => {
    const bomb = [
      'a: &a [x, x]',
      ...Array.from(
        { length: 40 },
        (_, i) => `a${i}: &b${i} [${`*${i === 0 ? 'a' : `b${i - 1}`}, `.repeat(9)}x]`,
      ),
    ];
    expect(onlyProblem('a.yaml', [...bomb, ...GOOD].join('\n'))).toMatchObject({ code: 'LIB114', line: 2 });
  });

  it.each([
    ['lists in lists', `${GOOD.join('\n')}\nx: ${'['.repeat(20_000)}`],
    ['closed lists in lists', `${GOOD.join('\n')}\nx: ${'['.repeat(300)}${']'.repeat(300)}`],
    [
      'maps in maps',
      [...GOOD, 'x:', ...Array.from({ length: 600 }, (_, i) => `${' '.repeat(i + 1)}a:`)].join('\n'),
    ],
    ['dashes', `${GOOD.join('\n')}\nx:\n  ${'- '.repeat(5_000)}`],
    ['braces', `{${'{'.repeat(5_000)}`],
  ])('nesting without end: %s', (_what, text) => {
    expect(onlyProblem('a.yaml', text)?.code).toMatch(/^LIB11[15]$/);
  });

  it('a null character, at its place', () => {
    expect(onlyProblem('a.kql', 'DeviceEvents\n| ta\0ke 1')).toMatchObject({
      code: 'LIB104',
      line: 2,
      column: 5,
    });
    expect(onlyProblem('a.yaml', `${GOOD.join('\n')}\nname: "\0"`)).toMatchObject({
      code: 'LIB104',
      line: 3,
    });
    // An escape is a null character too, but one that the check of the query finds.
    expect(readQueryFile('a.yaml', bytesOf('query: "a\\0"')).queries).toHaveLength(1);
  });

  it('UTF-16 without its mark, with what to do', () => {
    expect(onlyProblem('a.kql', utf16('DeviceEvents', false))).toMatchObject({
      code: 'LIB104',
      message: expect.stringContaining('UTF-16'),
    });
  });

  it('bytes that are no UTF-8, at their place', () => {
    const bytes = Buffer.concat([Buffer.from('print 1\n| a '), Buffer.from([0xe4, 0x20])]);
    expect(onlyProblem('a.kql', bytes)).toMatchObject({ code: 'LIB103', line: 2, column: 5 });
  });

  it('a file too large', () => {
    const bytes = new Uint8Array(MOST_FILE_BYTES + 1).fill(0x20);
    expect(onlyProblem('a.yaml', bytes)).toMatchObject({ code: 'LIB102' });
  });
});

describe('a file that is only odd', () => {
  it('is read in UTF-16 where a mark says so, with the advice not to', () => {
    for (const bytes of [utf16('prünt 1\r\n'), Buffer.from(utf16('prünt 1\r\n')).swap16()]) {
      const { queries, problems } = readQueryFile('a.kql', bytes);
      expect(problems).toMatchObject([{ severity: 'warning', code: 'LIB103', line: 1 }]);
      expect(queries).toMatchObject([{ text: 'prünt 1\n' }]);
    }
  });

  it('with a query of a megabyte is read: it is the check that refuses it', () => {
    const text = `query: |\n${'  | where a == "b"\n'.repeat(55_000)}`;
    expect(readQueryFile('a.yaml', bytesOf(text)).queries[0]?.source.lines).toHaveLength(55_001);
  });

  it('with __proto__ and constructor as fields changes nothing but its own extra', () => {
    const { queries } = readQueryFile(
      'a.yaml',
      bytesOf([...GOOD, '__proto__: { polluted: 1 }', 'constructor: 2'].join('\n')),
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(queries[0]?.extra.polluted).toBeUndefined();
    expect(Object.keys(queries[0]?.extra ?? {})).toEqual(['__proto__', 'constructor']);
  });
});

describe('time', () => {
  it.each([
    ['many keys', 'a.yaml', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['many documents', 'a.yaml', '---\na: 1\n'.repeat(5_000)],
    ['many fences', 'a.md', '```\nprint 1\n```\n'.repeat(5_000)],
    ['many headings', 'a.md', `${'#### a\n'.repeat(40_000)}`],
    ['one long line', 'a.md', `# ${'[a]('.repeat(100_000)}`],
    ['a table row', 'a.md', `# t\n|${' |'.repeat(400_000)}`],
    ['placeholders', 'a.kql', '"{{A}}" '.repeat(50_000)],
    ['a heading of blanks', 'a.md', `# a${' '.repeat(100_000)}b`],
    ['a cell of brackets', 'a.md', `# t\n| ${'[a]('.repeat(100_000)} |`],
    ['stars', 'a.md', `# t\n${'* '.repeat(100_000)}`],
    ['quotes', 'a.kql', `{{ %%${'"'.repeat(200_000)}`],
    ['blanks', 'a.yaml', `query: ${' '.repeat(1_000_000)}`],
    ['a quoted text', 'a.yaml', `query: "${'\\n'.repeat(100_000)}"`],
    ['a text of folded lines', 'a.yaml', `query: >\n${'  a\n\n'.repeat(20_000)}`],
  ])(
    'is bounded: %s',
    (_what, path, text) => {
      const before = process.cpuUsage();
      readQueryFile(path, bytesOf(text));
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1e6).toBeLessThan(MOST_CPU_S);
    },
    60_000,
  );
});
