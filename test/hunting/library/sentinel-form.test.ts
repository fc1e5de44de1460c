import { describe, expect, it } from 'vitest';
import { only } from './read-queries.ts';

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
