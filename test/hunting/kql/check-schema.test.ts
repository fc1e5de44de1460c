import { describe, expect, it } from 'vitest';
import { createChecker } from '../../../shared/hunting/kql/checker.ts';
import { huntingSchema } from '../../../shared/hunting/kql/default-schema.ts';
import { mergeSchemas, readSchema } from '../../../shared/hunting/kql/schema.ts';
import { findingsIn, shown } from './checker.ts';

describe('a query for a Sentinel workspace', () => {
  const platform = 'sentinel';

  it('is checked as far as the schema goes', () => {
    expect(findingsIn('SigninLogs | where TimeGenerated > ago(1d)', { platform })).toEqual([
      'KQL212 warning "SigninLogs"',
    ]);
    expect(findingsIn('DeviceInfo | where TimeGenerated > ago(1d) and TenantId == ""', { platform })).toEqual(
      ['KQL212 warning "TenantId"'],
    );
    expect(findingsIn('_GetWatchlist("a") | take 1', { platform })).toEqual([
      'KQL212 warning "_GetWatchlist"',
    ]);
    expect(findingsIn('workspace("b").T | take 1', { platform })).toEqual([
      'KQL104 warning "workspace(\\"b\\")"',
    ]);
    expect(findingsIn('DeviceInfo | wher DeviceId == "x"', { platform })).toEqual([
      'KS176 error "wher" -> where',
    ]);
    expect(findingsIn('DeviceInfo | where TimeGenerated > "1d"', { platform })).toEqual(['KS106 error ">"']);
  });
});

describe('a schema of one’s own', () => {
  const file = {
    tables: { Custom_CL: { TimeGenerated: 'datetime', Raw: 'string' }, DeviceInfo: 'Extra:boolean' },
    functions: { Watch: { parameters: 'alias:string', columns: 'Item:string' } },
    undocumentedTables: { Secret: 'A:int' },
  };
  const { schema, alone } = readSchema(file, 'own.json');
  const checkOwn = createChecker(mergeSchemas(huntingSchema(), schema));
  const found = (text: string): readonly string[] => shown(text, checkOwn({ text }));

  it('adds tables, columns and functions', () => {
    expect(alone).toBe(false);
    expect(found('Custom_CL | where TimeGenerated > ago(1d) and Raw has "x"')).toEqual([]);
    expect(found('DeviceInfo | where Extra and DeviceName == "x"')).toEqual([]);
    expect(found('Watch("a") | where Item == "b"')).toEqual([]);
    expect(found('Secret | where A == 1')).toEqual(['KQL203 warning "Secret"']);
    expect(findingsIn('Custom_CL | take 1')).toHaveLength(1);
  });

  it.each([
    [{ Own_CL: { columns: { A: 'string' } } }, 'columns are "Timestamp:datetime, DeviceId:string" or'],
    [{ Own_CL: 'A' }, 'tables.Own_CL.A has no type: write "Name:type"'],
    [{ Own_CL: 'A:text' }, 'tables.Own_CL.A has the type text, which is none of KQL (string, datetime,'],
  ])('is refused with what it should look like: %j', (tables, words) => {
    expect(() => readSchema({ tables }, 'own.json')).toThrow(words);
  });

  it('is refused with every fault of it', () => {
    const wrong = { tables: { A: { x: 'text', y: 5 }, B: 7 }, tabels: {}, functions: { F: { call: 'x' } } };
    expect(() => readSchema(wrong, 'own.json')).toThrow(
      /own\.json.*"tabels".*tables\.A\.x.*text.*tables\.A\.y.*tables\.B is not a map.*functions\.F\.call/,
    );
    expect(() => readSchema([], 'own.json')).toThrow(/is not a map/);
  });
});
