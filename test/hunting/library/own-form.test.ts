import { describe, expect, it } from 'vitest';
import { only, read } from './read-queries.ts';

describe('our own form', () => {
  it('has every field', () => {
    const query = only('folder/own.yaml', [
      'id: own.query_1',
      'name: Own',
      'description: d',
      'details: more',
      'platform: xdr',
      'severity: High',
      'tactics: [InitialAccess]',
      'techniques: [t1566.002]',
      'schedule: { frequency: PT1H, lookback: P1D, learnSilently: true, endsAfterDays: 7 }',
      'trigger: { operator: gt, threshold: 5 }',
      'parameters:',
      '  Days: 7',
      '  Hosts: { type: string, list: true, required: false, allowed: [a, b], default: [a], description: which }',
      '  Least: { type: int, min: 1, max: 10, default: 3 }',
      'query: DeviceEvents | take 1',
      'keys: [DeviceId]',
      'entities: [{ type: Host, identifier: FullName, column: DeviceName }]',
      'customDetails: { Account: AccountName }',
      'connectors: [{ connectorId: X, dataTypes: [Y] }]',
      'tags: [a]',
      'references: [https://example.com]',
      'enabled: false',
      'tenants: [contoso]',
      'version: 1.10',
      'author: me',
      'status: test',
      'actions: [{ isolate: DeviceId }]',
      'extra: { anything: 1 }',
    ]);
    expect(query).toEqual({
      id: 'own.query_1',
      name: 'Own',
      description: 'd',
      details: 'more',
      text: 'DeviceEvents | take 1',
      platform: 'xdr',
      severity: 'high',
      tactics: ['InitialAccess'],
      techniques: ['T1566.002'],
      schedule: {
        every: { minutes: 60 },
        timeZone: 'UTC',
        lookbackMinutes: 1440,
        learnSilently: true,
        endsAfterDays: 7,
      },
      trigger: { operator: 'gt', threshold: 5 },
      parameters: [
        { name: 'Days', type: 'long', list: false, required: false, default: 7 },
        {
          name: 'Hosts',
          type: 'string',
          list: true,
          required: false,
          allowed: ['a', 'b'],
          default: ['a'],
          description: 'which',
        },
        { name: 'Least', type: 'int', list: false, required: false, min: 1, max: 10, default: 3 },
      ],
      keys: ['DeviceId'],
      entities: [{ type: 'Host', identifier: 'FullName', column: 'DeviceName' }],
      customDetails: { Account: 'AccountName' },
      connectors: [{ connectorId: 'X', dataTypes: ['Y'] }],
      tags: ['a'],
      references: ['https://example.com'],
      enabled: false,
      tenants: ['contoso'],
      version: '1.10',
      author: 'me',
      status: 'test',
      actions: [{ isolate: 'DeviceId' }],
      extra: { anything: 1 },
      source: {
        file: 'folder/own.yaml',
        format: 'outrider',
        id: { line: 1, column: 5 },
        lines: [{ line: 15, column: 8 }],
      },
    });
  });

  it('needs nothing but a query', () => {
    const query = only('Some Folder/Odd Näme.yml', ['query: |', '  DeviceEvents', '  | take 1']);
    expect(query).toMatchObject({
      id: 'some-folder-odd-name',
      name: 'some-folder-odd-name',
      text: 'DeviceEvents\n| take 1\n',
      platform: 'xdr',
      trigger: { operator: 'gt', threshold: 0 },
      enabled: true,
      extra: {},
    });
    expect(query.schedule).toBeUndefined();
    expect('tenants' in query).toBe(false);
  });

  it('keeps unknown fields, and tells which known one may be meant', () => {
    const { queries, problems } = read('a.yaml', [
      'name: a',
      'query: print 1',
      'kays: [A]',
      'wholly_different: 1.10',
      'none: null',
    ]);
    expect(queries[0]?.extra).toEqual({ kays: ['A'], wholly_different: '1.10' });
    expect(problems).toMatchObject([
      { severity: 'warning', code: 'LIB203', line: 3, column: 1, message: expect.stringContaining('"keys"') },
      { severity: 'warning', code: 'LIB203', line: 4, column: 1 },
    ]);
  });

  it('may hold several queries', () => {
    const list = read('many.yaml', [
      'queries:',
      '  - { id: a, query: print 1 }',
      '  - { query: print 2 }',
      '  - query: print 3',
    ]);
    expect(list.queries.map(({ id, text }) => [id, text])).toEqual([
      ['a', 'print 1'],
      ['a#2', 'print 2'],
      ['a#3', 'print 3'],
    ]);
    const documents = read('many.yaml', [
      'id: a',
      'query: print 1',
      '---',
      'id: b',
      'query: print 2',
      '---',
      '',
    ]);
    expect(documents.queries.map(({ id }) => id)).toEqual(['a', 'b']);
    const bare = read('many.yaml', ['- id: a', '  query: print 1', '- id: b', '  query: print 2']);
    expect(bare.queries.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('leaves out the broken one of several', () => {
    const { queries, problems } = read('many.yaml', [
      'queries:',
      '  - id: a',
      '    query: [1]',
      '  - id: b',
      '    query: print 2',
      '  - id: c',
      '    name: none',
    ]);
    expect(queries.map(({ id }) => id)).toEqual(['b']);
    expect(problems).toMatchObject([
      { code: 'LIB202', severity: 'error', line: 3, column: 12 },
      { code: 'LIB201', severity: 'error', line: 6, column: 5 },
    ]);
  });

  it.each([
    ['query: { a: 1 }', 'LIB201'],
    ['query: 5', 'LIB202'],
    ['enabled: maybe', 'LIB202'],
    ['platform: splunk', 'LIB202'],
    ['keys: { a: 1 }', 'LIB202'],
    ['name: [a]', 'LIB202'],
    ['trigger: often', 'LIB202'],
    ['trigger: { operator: near }', 'LIB202'],
    ['trigger: { operator: gt, treshold: 3 }', 'LIB202'],
    ['triggerThreshold: 10001', 'LIB202'],
    ['customDetails: [a]', 'LIB202'],
    ['severity: [high]', 'LIB202'],
    ['parameters: [a]', 'LIB202'],
    ['extra: 5', 'LIB202'],
  ])('tells %s as wrong', (field, code) => {
    const { queries, problems } = read('a.yaml', [
      'id: a',
      ...(field.startsWith('query') ? [] : ['query: print 1']),
      field,
    ]);
    expect(queries).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: 'a.yaml', code, severity: 'error' });
  });

  it('replaces an id that cannot be one, and keeps it', () => {
    const { queries, problems } = read('a.yaml', ['id: "My Query/1"', 'query: print 1']);
    expect(queries[0]).toMatchObject({ id: 'my-query-1', extra: { id: 'My Query/1' } });
    expect(problems).toMatchObject([{ code: 'LIB208', severity: 'warning' }]);
  });
});
