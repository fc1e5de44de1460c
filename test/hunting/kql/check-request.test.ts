import { describe, expect, it } from 'vitest';
import type { ParameterDeclaration } from '../../../shared/hunting/query.ts';
import { check, findingsIn } from './checker.ts';

const parameter = (name: string, type: ParameterDeclaration['type'], list = false): ParameterDeclaration => ({
  name,
  type,
  list,
  required: false,
});

describe('parameters', () => {
  const parameters = [
    parameter('Who', 'string'),
    parameter('Since', 'timespan'),
    parameter('Ids', 'int', true),
  ];

  it('are known by name and type, and move nothing', () => {
    const text = 'DeviceInfo | where DeviceName == Who and Timestamp > ago(Since) and ExposureLevel in (Ids)';
    expect(findingsIn(text, { parameters })).toEqual([]);
    expect(findingsIn(text)).toEqual([
      'KS142 error "Who"',
      'KS142 error "Since" -> Site',
      'KS142 error "Ids"',
    ]);
    expect(findingsIn('DeviceInfo | where Timestamp > ago(Who)', { parameters })).toEqual([
      'KS107 error "Who"',
    ]);
    expect(findingsIn('DeviceInfo | where DeviceName == Whoo', { parameters })).toEqual([
      'KS142 error "Whoo" -> Who',
    ]);
  });

  it('of one query are unknown to the next', () => {
    findingsIn('print Who', { parameters });
    expect(findingsIn('print Who')).toEqual(['KS142 error "Who"']);
  });

  it('must not be declared by the query too', () => {
    expect(findingsIn('let Who = "x"; print Who', { parameters })).toEqual(['KQL105 error "Who"']);
  });
});

describe('findings', () => {
  const scheduled = (...keys: string[]) => ({ findings: { keys } });
  const text = 'DeviceEvents | summarize arg_max(Timestamp, ReportId) by DeviceId';

  it('need their keys among the columns of the result', () => {
    expect(findingsIn(text, scheduled('DeviceId'))).toEqual([]);
    expect(findingsIn(text, scheduled('DeviceId', 'deviceName'))).toEqual([
      'KQL106 error "summarize arg_max(Timestamp, ReportId) by DeviceId"',
    ]);
    expect(findingsIn(text, scheduled('DeviceID'))[0]).toMatch(/-> DeviceId$/);
  });

  it('need a time', () => {
    expect(findingsIn('DeviceEvents | summarize count() by DeviceId', scheduled())).toEqual([
      'KQL207 warning "summarize count() by DeviceId"',
    ]);
  });

  it('have the columns that entities and custom details name, told with what names them', () => {
    const named = (column: string) => ({
      ...scheduled(),
      namedColumns: [{ column, as: 'entity Host (HostName)' }],
    });
    expect(findingsIn(text, named('ReportId'))).toEqual([]);
    expect(findingsIn(text, named('DeviceID'))).toEqual([
      'KQL110 error "summarize arg_max(Timestamp, ReportId) by DeviceId" -> DeviceId',
    ]);
    expect(check({ text, ...named('Host') }).diagnostics[0]?.message).toBe(
      'The column “Host” of entity Host (HostName) is no column of the result.',
    );
    expect(findingsIn('SigninLogs | take 1', { platform: 'sentinel', ...named('Host') })).toEqual([
      'KQL212 warning "SigninLogs"',
    ]);
  });

  it('are not judged where the columns cannot be known', () => {
    const open =
      'DeviceInfo | extend x = parse_json(AdditionalFields) | evaluate bag_unpack(x) | project-away Timestamp';
    expect(findingsIn(open, scheduled('Anything'))).toEqual([]);
    expect(check({ text: open }).columnsComplete).toBe(false);
  });
});

describe('a text that no service should see', () => {
  it.each([
    ['a null character', 'print 1\0', 'KQL107'],
    ['UTF-16 read as something else', 'p\0r\0i\0n\0t\0 \x001\0', 'KQL107'],
    ['half of a pair', 'print "\ud800"', 'KQL107'],
    ['1 MB', `print "${'x'.repeat(1_000_000)}"`, 'KQL108'],
    ['10,000 brackets', `print ${'('.repeat(10_000)}1${')'.repeat(10_000)}`, 'KQL109'],
    ['a chain of 2,000 or', `DeviceInfo | where ${'DeviceId == "x" or '.repeat(2000)}true`, 'KQL109'],
  ])('%s: one finding', (_what, text, code) => {
    const { diagnostics } = check({ text });
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(diagnostics[0]?.severity).toBe('error');
  });

  it('is not one with many brackets in strings and comments, or with a pair of UTF-16', () => {
    const brackets = '('.repeat(5000);
    for (const text of [
      `print "${brackets}", '${brackets}', @"${brackets}" // ${brackets}`,
      `print \`\`\`${brackets}\n${brackets}\`\`\``,
      'print "😀"',
    ]) {
      expect(findingsIn(text)).toEqual([]);
    }
  });
});
