import { describe, expect, it } from 'vitest';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import { bytesOf } from './places.ts';

const read = (text: string) => readQueryFile('a.yaml', bytesOf(text));
const withParameter = (declaration: string) =>
  read(`id: a\nquery: print 1\nparameters:\n  P: ${declaration}\n`);
const withQuery = (query: string, more = '') =>
  read(`id: a\nquery: |\n${query.replaceAll(/^/gm, '  ')}\n${more}`);

describe('a parameter', () => {
  it.each([
    ['{ type: boolean, default: true }', { type: 'bool', default: true }],
    ['{ type: double, default: 1.5, min: 0 }', { type: 'real', default: 1.5, min: 0 }],
    ['{ type: decimal, default: 1.10 }', { type: 'decimal', default: '1.10' }],
    ['{ type: long, default: 9007199254740993 }', { type: 'long', default: '9007199254740993' }],
    ['{ type: datetime, default: 2026-01-31 }', { type: 'datetime', default: '2026-01-31' }],
    ['{ type: timespan, default: P7D, max: 30d }', { type: 'timespan', default: 'P7D', max: '30d' }],
    ['{ type: guid, required: true }', { type: 'guid', required: true }],
    [
      '{ type: int, list: true, allowed: [1, 2], default: [2] }',
      { type: 'int', list: true, allowed: [1, 2], default: [2] },
    ],
    ['{ type: string, pattern: "^a+$", default: aa }', { type: 'string', pattern: '^a+$', default: 'aa' }],
    ['[a, b]', { type: 'string', list: true, default: ['a', 'b'] }],
    ['0.5', { type: 'real', default: 0.5 }],
    ['false', { type: 'bool', default: false }],
  ])('%s is declared', (declaration, expected) => {
    const { queries, problems } = withParameter(declaration);
    expect(problems).toEqual([]);
    expect(queries[0]?.parameters).toEqual([{ name: 'P', list: false, required: false, ...expected }]);
  });

  it.each([
    ['{ default: 1 }', 'no type'],
    ['{ type: dynamic }', 'list: true'],
    ['{ type: constructor }', 'no type of a parameter'],
    ['{ type: long, default: many }', 'default'],
    ['{ type: long, default: 5, max: 4 }', 'default'],
    ['{ type: string, allowed: [a], default: b }', 'default'],
    ['{ type: string, list: true, default: a }', 'default'],
    ['{ type: string, pattern: "(" }', 'pattern'],
    ['{ type: string, pattern: "^a$", default: b }', 'default'],
    ['{ type: long, pattern: "^1$" }', 'Only a string'],
    ['{ type: string, min: 1 }', 'lowest'],
    ['{ type: string, required: true, default: a }', 'required'],
    ['{ type: string, requird: true }', 'required'],
    ['{ type: string, list: maybe }', 'true or false'],
    ['{ type: string, allowed: a }', 'a list'],
    ['[a, 1]', 'all of one type'],
  ])('%s is an error', (declaration, text) => {
    const { queries, problems } = withParameter(declaration);
    expect(queries).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: 'error', line: 4 });
    expect(problems[0]?.message).toContain(text);
  });

  it('is an error where the part stands that is wrong', () => {
    const { problems } = withParameter('{ type: long, max: 4, default: 5 }');
    expect(problems).toMatchObject([{ line: 4, column: 37 }]);
  });

  it.each(['1st', 'a-b', 'a b', 'x'.repeat(65)])('cannot be called %j', (name) => {
    const { problems } = read(`id: a\nquery: print 1\nparameters: { "${name}": 1 }`);
    expect(problems).toMatchObject([{ code: 'LIB206', severity: 'error', line: 3, column: 15 }]);
  });
});

describe('a placeholder', () => {
  it.each([
    ['print "{{Host}}"', 'print p_Host', { type: 'string', required: true }],
    ["print '{{ Host }}'", 'print p_Host', { type: 'string', required: true }],
    ['print @"%%HOST:srv1%%"', 'print p_HOST', { type: 'string', required: false, default: 'srv1' }],
    ['print ```{{Host}}```', 'print p_Host', { type: 'string', required: true }],
    ['print datetime({{Start}})', 'print p_Start', { type: 'datetime', required: true }],
    [
      'print datetime( %%START:2026-01-31%% )',
      'print p_START',
      { type: 'datetime', required: false, default: '2026-01-31' },
    ],
    ['print time(%%SPAN:7d%%)', 'print p_SPAN', { type: 'timespan', required: false, default: '7d' }],
    ['print double(%%N%%)', 'print p_N', { type: 'real', required: true }],
  ])('that is the whole of a literal becomes a parameter: %s', (query, text, parameter) => {
    const { queries, problems } = withQuery(query);
    expect(problems).toEqual([]);
    expect(queries[0]?.text.trimEnd()).toBe(text);
    expect(queries[0]?.notRunnable).toBeUndefined();
    expect(queries[0]?.parameters).toMatchObject([parameter]);
  });

  it.each([
    ['a table', '{{Table}} | take 1'],
    ['a value without a literal', 'print {{Value}}'],
    ['a part of a string', 'print "a {{Host}}"'],
    ['two in one string', 'print "{{A}}{{B}}"'],
    ['a function that is no literal', 'print strlen({{A}})'],
    ['a literal that is not whole', 'print datetime({{A}}T00:00)'],
    ['a default that is no value', 'print long(%%N:1); print 2//%%)'],
    ['a name that is taken', 'let p_Host = 1; print "{{Host}}"'],
    ['two types for one name', 'print "{{A}}", long({{A}})'],
  ])('that could become code leaves the query as it is, not to be run: %s', (_what, query) => {
    const { queries, problems } = withQuery(query);
    expect(queries).toHaveLength(1);
    expect(queries[0]?.text.trimEnd()).toBe(query);
    expect(queries[0]?.parameters).toEqual([]);
    expect(queries[0]?.notRunnable).toEqual(expect.stringContaining('placeholder'));
    expect(problems).toMatchObject([{ code: 'LIB207', severity: 'warning', line: 3 }]);
  });

  it('is none in a comment, nor is what only looks like one', () => {
    const query =
      'print 1 // set {{Host}} first, "%%A%%"\n| extend a = "http://{ {x} }", b = "%%", c = @"\\"';
    const { queries, problems } = withQuery(query);
    expect(problems).toEqual([]);
    expect(queries[0]).toMatchObject({ parameters: [], text: `${query}\n` });
  });

  it('is found behind strings of every kind, and only there', () => {
    const { queries } = withQuery('print "a\\"//", \'b\', @"c\\", h"d", ```e\n//```, "{{Host}}"');
    expect(queries[0]?.parameters).toMatchObject([{ name: 'p_Host' }]);
    expect(queries[0]?.text).toContain('//```, p_Host');
  });

  it('may be given as often as it likes', () => {
    const { queries } = withQuery('print "%%A:x%%", "%%A%%"');
    expect(queries[0]?.parameters).toMatchObject([{ name: 'p_A', default: 'x', required: false }]);
  });
});
