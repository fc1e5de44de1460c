import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import { isSameQuery, writeQuery } from '../../../shared/hunting/library/write-query.ts';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { bytesOf } from './places.ts';

function read(path: string, text: string): HuntingQuery {
  const { queries } = readQueryFile(path, bytesOf(text));
  expect(queries).toHaveLength(1);
  return queries[0] as HuntingQuery;
}

const FULL = read(
  'a.yaml',
  [
    'id: full',
    'name: "Odd: # name"',
    'description: d',
    'severity: low',
    'tactics: [Impact]',
    'schedule: { cron: "0 0 8 * * *", timeZone: Europe/Berlin, lookback: P2D, endsAfterDays: 5, learnSilently: true }',
    'trigger: { operator: lt, threshold: 5 }',
    'parameters: { P: { type: decimal, default: 1.10, description: p }, Q: [a] }',
    'entityMappings: [{ entityType: Host, fieldMappings: [{ identifier: A, columnName: B }] }]',
    'tenants: []',
    'enabled: false',
    'version: 1.10',
    'tags: [a, { Schema: ASIM }]',
    'metadata: { author: { name: x }, number: 12345678901234567890, none: null }',
    'extra: { metadata: again }',
    'query: |',
    '  // a comment: it stays',
    '  DeviceEvents',
  ].join('\n'),
);

/** What is lost when a query is written and read again. */
function again(query: HuntingQuery): HuntingQuery {
  return read('b.yaml', writeQuery(query));
}

describe('a query written in our own form', () => {
  it('is the same query, unknown fields and all', () => {
    expect(FULL.extra).toEqual({
      tags: [{ Schema: 'ASIM' }],
      metadata: 'again',
      'metadata-2': { author: { name: 'x' }, number: '12345678901234567890' },
    });
    const { source: _before, ...before } = FULL;
    const { source, ...after } = again(FULL);
    expect(after).toEqual(before);
    expect(source.format).toBe('outrider');
  });

  it('is a text for people: the KQL as it is, and no default', () => {
    const text = writeQuery(read('a.kql', '// comment\nDeviceEvents\n| take 1\n'));
    expect(text).toBe('id: a\nname: a\nplatform: xdr\nquery: |\n  // comment\n  DeviceEvents\n  | take 1\n');
  });

  it('is the same whatever is in its text', () => {
    const unit = fc.constantFrom(
      ...[
        'a',
        ' ',
        '  ',
        '\n',
        '\t',
        '"',
        "'",
        '\\',
        '#',
        ': ',
        '- ',
        '|',
        '\u0085',
        '\u2028',
        '🙂',
        '\r',
        '\u0007',
        '---\n',
        '%',
      ],
    );
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 30 }), fc.string(), (units, description) => {
        const text = units.join('');
        fc.pre(text.trim() !== '');
        const query: HuntingQuery = {
          ...FULL,
          schedule: undefined,
          text,
          description: `d${description}`.trim(),
          name: `n${description}`.trim(),
        };
        expect(again(query).text).toBe(text);
        expect(isSameQuery(again(query), query)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('of Markdown and of KQL is the same as well, a query that cannot be run too', () => {
    const markdown = read('a.md', '# T\n**ID:** x\n\n| Impact | v |\n|---|---|\n\n```\nprint {{A}}\n```\n');
    expect(markdown.notRunnable).toBeDefined();
    expect(isSameQuery(again(markdown), markdown)).toBe(true);
    const filled = read('a.kql', 'print "%%A:x%%"');
    expect(again(filled).parameters).toEqual(filled.parameters);
    expect(isSameQuery(again(filled), filled)).toBe(true);
  });

  it('keeps what a file of text cannot have, by escaping it', () => {
    for (const text of ['print "\0"\n', 'print "\ud800"\n', 'print 1\r\r\n'])
      expect(again({ ...FULL, text }).text).toBe(text);
  });

  it('is refused rather than changed', () => {
    expect(() => writeQuery({ ...FULL, text: ' \n' })).toThrow('full cannot be written');
  });
});
