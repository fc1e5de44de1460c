import { describe, expect, it } from 'vitest';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { bytesOf } from './places.ts';

function read(path: string, lines: readonly string[]) {
  return readQueryFile(path, bytesOf(lines.join('\n')));
}

function only(path: string, lines: readonly string[]): HuntingQuery {
  const { queries, problems } = read(path, lines);
  expect(problems).toEqual([]);
  expect(queries).toHaveLength(1);
  return queries[0] as HuntingQuery;
}

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

describe('Azure-Sentinel YAML', () => {
  const hunting = [
    'id: 9bd5ab9d-3a2e-4b3f-a7a4-1d0f5b3a5a11',
    'name: Odd',
    'description-detailed: |',
    "  'long'",
    'description_detailed: other',
    'requiredDataConnectors:',
    '  - connectorId: MicrosoftThreatProtection',
    '    dataTypes: [DeviceEvents]',
    'tactics: [Command And Control, Ransomware, "Malware, component", null, "Persistence, Execution"]',
    'relevantTechniques: [null, t1059, "T1566.001, T1204", TA0001]',
    'tags: [a, { Schema: ASIM, SchemaVersion: 0.10 }]',
    'entityMappings:',
    '  - entityType: Host',
    '    fieldMappings:',
    '      - { identifier: FullName, columnName: DeviceName }',
    '      - { identifier: AzureID, columnName: DeviceId }',
    'metadata: { source: { kind: Community } }',
    'version: 1.0.0',
    'query: |',
    '  DeviceEvents',
    '  | where TimeGenerated > ago(1d)',
  ];

  it('drops in unchanged: a hunting query', () => {
    const query = only('odd.yaml', hunting);
    expect(query).toMatchObject({
      id: '9bd5ab9d-3a2e-4b3f-a7a4-1d0f5b3a5a11',
      details: "'long'",
      platform: 'xdr',
      tactics: ['CommandAndControl', 'Persistence', 'Execution'],
      techniques: ['T1059', 'T1566.001', 'T1204'],
      tags: ['a', 'Ransomware', 'Malware, component', 'TA0001'],
      entities: [
        { type: 'Host', identifier: 'FullName', column: 'DeviceName' },
        { type: 'Host', identifier: 'AzureID', column: 'DeviceId' },
      ],
      version: '1.0.0',
      extra: {
        description_detailed: 'other',
        tags: [{ Schema: 'ASIM', SchemaVersion: '0.10' }],
        metadata: { source: { kind: 'Community' } },
      },
      source: { format: 'sentinel' },
    });
  });

  it('drops in unchanged: an analytics rule', () => {
    const query = only('rule.yaml', [
      'id: r',
      'kind: Scheduled',
      'severity: Medium',
      'queryFrequency: 1h',
      'queryPeriod: 14d',
      'triggerOperator: GreaterThan',
      'triggerThreshold: 3',
      'tactics: [InitialAccess]',
      'customDetails: { Who: Account }',
      'eventGroupingSettings: { aggregationKind: SingleAlert }',
      'query: SigninLogs | where ResultType != 0',
    ]);
    expect(query).toMatchObject({
      platform: 'sentinel',
      severity: 'medium',
      schedule: { every: { minutes: 60 }, lookbackMinutes: 14 * 1440 },
      trigger: { operator: 'gt', threshold: 3 },
      customDetails: { Who: 'Account' },
      extra: { kind: 'Scheduled', eventGroupingSettings: { aggregationKind: 'SingleAlert' } },
    });
  });

  it('that is bare KQL in a .yaml is a query', () => {
    for (const lines of [
      ['// name: what it is', 'DeviceEvents', '| where A == "x: y"'],
      ['let a = datatable(name: string) ["b"];', 'a'],
      ['DeviceEvents', '| extend [1,2'],
    ]) {
      const query = only('bare.yaml', lines);
      expect(query.text).toBe(lines.join('\n'));
      expect(query.source.format).toBe('kql');
    }
  });

  it('that is a custom detection of Graph is a query too', () => {
    const query = only('rule.yml', [
      'displayName: Odd',
      'detectorId: d-1',
      'isEnabled: false',
      'schedule: { period: 24H }',
      'queryCondition: { queryText: "DeviceEvents | take 1", lastModifiedDateTime: 2026-01-01 }',
      'alertSeverity: low',
      'alertCategory: Execution',
      'mitreTechniques: [T1059]',
      'impactedAssets:',
      '  - { "@odata.type": "#microsoft.graph.security.impactedDeviceAsset", identifier: deviceId }',
      'responseActions: [{ "@odata.type": x }]',
    ]);
    expect(query).toMatchObject({
      id: 'd-1',
      name: 'Odd',
      text: 'DeviceEvents | take 1',
      enabled: false,
      severity: 'low',
      schedule: { every: { minutes: 1440 } },
      tactics: ['Execution'],
      techniques: ['T1059'],
      entities: [{ type: 'Device', identifier: 'deviceId', column: 'DeviceId' }],
      actions: [{ '@odata.type': 'x' }],
      extra: { queryCondition: { lastModifiedDateTime: '2026-01-01' } },
      source: { lines: [{ line: 5, column: 31 }] },
    });
  });
});

describe('KQL files', () => {
  it.each(['a.kql', 'a.csl', 'a.txt', 'a.KQL'])('%s is one query', (path) => {
    expect(only(path, ['Heartbeat', '| take 1', ''])).toMatchObject({
      id: 'a',
      text: 'Heartbeat\n| take 1\n',
      platform: 'sentinel',
      source: { file: path, format: 'kql' },
    });
  });

  it.each([
    ['DeviceInfo | where TimeGenerated > ago(1d)', 'xdr'],
    ['let Mails = EmailEvents | where TimeGenerated > ago(1d);\nMails | take 1', 'xdr'],
    ['union DeviceEvents, SigninLogs | where TimeGenerated > ago(1d)', 'sentinel'],
    ['Own_CL | where TimeGenerated > ago(1d)', 'sentinel'],
    ['Own_CL | where Timestamp > ago(1d)', 'xdr'],
  ])('are for who has the table, then by the time column: %s', (text, platform) => {
    expect(only('a.kql', [text]).platform).toBe(platform);
  });

  it('are the same whatever their line ends are', () => {
    const [unix, windows] = ['DeviceEvents\n| take 1\n', 'DeviceEvents\r\n| take 1\r\n'].map(
      (text) => readQueryFile('a.kql', bytesOf(text)).queries[0],
    );
    expect(windows).toEqual(unix);
  });
});
