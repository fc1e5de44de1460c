import { describe, expect, it } from 'vitest';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import { bytesOf } from './places.ts';

const read = (...lines: readonly string[]) => readQueryFile('a.md', bytesOf(lines.join('\n')));
const fence = (tag: string, ...lines: readonly string[]): readonly string[] => [
  `\`\`\`${tag}`,
  ...lines,
  '```',
];

describe("Microsoft's Markdown", () => {
  it('gives title, description and the ticked tactics', () => {
    const { queries, problems } = read(
      '# Anomaly of *Mail* [Group]',
      '',
      'Looks for mail. See [the page](https://example.com/T1111).',
      '',
      '## Query',
      ...fence('kusto', 'CloudAppEvents', '| where Timestamp > ago(1d)'),
      '## Category',
      'This query can be used.',
      '| Technique, tactic, or state | Covered? (v=yes) | Notes |',
      '|------------------------|----------|-------|',
      '| Initial access |  |  |',
      '| Exfiltration | V |  |',
      '| Command and control | v | T1071 |',
      '| Malware, component | v |  |',
      '## Contributor info',
      '**Contributor:** Somebody',
    );
    expect(problems).toEqual([]);
    expect(queries).toMatchObject([
      {
        id: 'a',
        name: 'Anomaly of Mail [Group]',
        description: 'Looks for mail. See [the page](https://example.com/T1111).',
        tactics: ['Exfiltration', 'CommandAndControl'],
        techniques: ['T1071'],
        tags: ['Malware, component'],
        author: 'Somebody',
        platform: 'xdr',
        text: 'CloudAppEvents\n| where Timestamp > ago(1d)',
        source: {
          format: 'markdown',
          lines: [
            { line: 7, column: 1 },
            { line: 8, column: 1 },
          ],
        },
      },
    ]);
  });
});

describe("Bert-JanP's Markdown", () => {
  it('gives its sections, and of two variants the one for Defender XDR', () => {
    const { queries, problems } = read(
      '# Sign-in failures in Sentinel',
      '#### MITRE ATT&CK Technique(s)',
      '| Technique ID | Title    | Link    |',
      '| ---  | --- | --- |',
      '| T1078.004 | Valid Accounts | https://attack.mitre.org/techniques/T1078/004/ |',
      '#### Description',
      'Lists failures.',
      '#### Risk',
      'They are in.',
      '#### Author <Optional>',
      '- **Name: Guy S**',
      '#### References',
      '- https://example.com/a.',
      '## Sentinel',
      ...fence('KQL', 'DeviceEvents | where TimeGenerated > ago(1d)'),
      '## Defender XDR',
      ...fence('KQL', 'DeviceEvents | where Timestamp > ago(1d)'),
    );
    expect(problems).toEqual([]);
    expect(queries).toMatchObject([
      {
        id: 'a',
        description: 'Lists failures.',
        details: 'Risk\nThey are in.',
        author: 'Guy S',
        techniques: ['T1078.004'],
        references: ['https://example.com/a'],
        platform: 'xdr',
        text: 'DeviceEvents | where Timestamp > ago(1d)',
      },
    ]);
  });

  it('may have headings of the first level for its variants', () => {
    const query = fence('', 'DeviceEvents | where Timestamp > ago(1d)');
    const { queries } = read('# T', '# Sentinel', ...fence('', 'SigninLogs'), '# Defender XDR', ...query);
    expect(queries).toMatchObject([{ platform: 'xdr', text: query[1] }]);
  });

  it('is not for the product that its title names', () => {
    const query = fence('', 'DeviceEvents | where Timestamp > ago(1d)');
    expect(read('# Alerts of Sentinel', '## Query', ...query).queries).toMatchObject([{ platform: 'xdr' }]);
  });

  it('that has a variant for Sentinel alone is for Sentinel', () => {
    const { queries } = read('# T', '## Sentinel', ...fence('', 'SigninLogs'));
    expect(queries).toMatchObject([{ platform: 'sentinel', text: 'SigninLogs' }]);
  });

  it('with headings for both below a heading of several queries gives each of them once', () => {
    const { queries } = read(
      '# T',
      ...['One', 'Two'].flatMap((title) => [
        `## ${title}`,
        '### Defender XDR',
        ...fence('', `DeviceEvents // ${title}`),
        '### Sentinel',
        ...fence('', `DeviceEvents // ${title} again`),
      ]),
    );
    expect(queries.map(({ id, text }) => [id, text])).toEqual([
      ['a', 'DeviceEvents // One'],
      ['a#2', 'DeviceEvents // Two'],
    ]);
  });
});

describe("FalconFriday's Markdown", () => {
  it('gives its id, platform and technique table, from a fence for C#', () => {
    const { queries, problems } = read(
      '# LDAP Queries',
      '**ID:** 0xFF-0223-Usage-Win',
      '',
      '| Tactic | Technique | Subtechnique | Technique Name |',
      '|---|---|---| --- |',
      '| TA0007 - Discovery | T1087 | 002 | Account Discovery |',
      '| TA0007 - Discovery | T1482 |  | Domain Trust Discovery|',
      '## Detection description',
      'Detects usage.',
      '## Detection',
      '**Platform:** Sentinel',
      '**Query:**',
      ...fence('C#', 'IdentityQueryEvents'),
      ...fence('C#', 'IdentityLogonEvents'),
      ...fence('powershell', 'Get-Item'),
    );
    expect(problems).toEqual([]);
    expect(queries).toMatchObject([
      {
        id: '0xFF-0223-Usage-Win',
        name: 'LDAP Queries',
        description: 'Detects usage.',
        platform: 'sentinel',
        tactics: ['Discovery'],
        techniques: ['T1087.002', 'T1482'],
        text: 'IdentityQueryEvents',
      },
      { id: '0xFF-0223-Usage-Win#2', text: 'IdentityLogonEvents' },
    ]);
  });
});

describe('a Markdown file', () => {
  it('takes fences of tildes, longer ones, and indented ones', () => {
    const { queries } = read(
      '# T',
      '~~~kql',
      'print 1',
      '~~~',
      '- list',
      '  ````KUSTO',
      '  print 2',
      '    | take 1',
      ' print 3',
      '  ````',
    );
    expect(queries.map(({ text }) => text)).toEqual(['print 1', 'print 2\n  | take 1\nprint 3']);
  });

  it('whose code block has no end is told, with the line where it begins', () => {
    const { queries, problems } = read('# T', '```kql', 'print 1', '``', '# not a heading');
    expect(queries).toEqual([]);
    expect(problems).toMatchObject([{ code: 'LIB116', severity: 'error', line: 2, column: 1 }]);
  });

  it('without a query is told', () => {
    expect(read('# T', ...fence('json', '{}'), ...fence('', ' ')).problems).toMatchObject([
      { code: 'LIB105' },
    ]);
  });
});
