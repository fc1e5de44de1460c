import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKqlService } from '../../../shared/hunting/kql/service.ts';
import { type Library, loadLibrary } from '../../../shared/hunting/library/load-library.ts';
import type { CheckResult, KqlService } from '../../../shared/hunting/ports.ts';

const QUERIES = join(import.meta.dirname, '../../../queries');

let service: KqlService;
let library: Library;
const checks = new Map<string, CheckResult>();

beforeAll(async () => {
  service = createKqlService();
  library = await loadLibrary(QUERIES, { now: new Date('2026-11-21T00:00:00Z') });
  for (const { id, text, parameters, platform, keys } of library.queries) {
    checks.set(id, await service.check({ text, parameters, platform, findings: { keys } }));
  }
});
afterAll(() => service?.close());

describe('the starting set', () => {
  test('is loaded whole, one query for each file, which has its name', async () => {
    expect(library.problems).toEqual([]);
    expect(library.skipped).toEqual([]);
    const files = (await readdir(QUERIES)).sort();
    expect(files.length).toBeGreaterThanOrEqual(20);
    expect(library.queries.map(({ id }) => `${id}.yaml`)).toEqual(files);
    for (const { id, source } of library.queries) expect(basename(source.file)).toBe(`${id}.yaml`);
  });

  test('binds without an error and without a warning', () => {
    const found = [...checks].flatMap(([id, { diagnostics }]) =>
      diagnostics.map(({ code, message }) => `${id}: ${code} ${message}`),
    );
    expect(found).toEqual([]);
    expect(
      [...checks.values()].every(({ columnsComplete, tables }) => columnsComplete && tables.length > 0),
    ).toBe(true);
  });

  test('has rows with a time, keys and entities that are columns', () => {
    for (const { id, keys, entities } of library.queries) {
      const columns = checks.get(id)?.columns.map(({ name }) => name) ?? [];
      expect(columns, id).toContain('Timestamp');
      for (const name of [...keys, ...entities.map(({ column }) => column)])
        expect(columns, id).toContain(name);
      expect(new Set(columns).size, id).toBe(columns.length);
    }
  });

  test('says of each query what people need', () => {
    for (const query of library.queries) {
      expect(query.description?.length, query.id).toBeGreaterThan(40);
      expect(query.severity, query.id).toBeDefined();
      expect(query.tactics, query.id).not.toEqual([]);
      expect(query.entities, query.id).not.toEqual([]);
      expect(query.extra, query.id).toEqual({});
      if (query.schedule) expect(query.keys, query.id).not.toEqual([]);
      else expect(query.parameters, query.id).not.toEqual([]);
    }
    // A sweep for indicators is for whatever its report says.
    const without = library.queries.filter(({ techniques }) => techniques.length === 0).map(({ id }) => id);
    expect(without).toEqual(['device-indicator-sweep']);
  });

  test('looks at devices, identities, mail and cloud applications', () => {
    const areas = Object.groupBy(library.queries, ({ id }) => id.split('-')[0] ?? '');
    expect(Object.keys(areas).sort()).toEqual(['cloud', 'device', 'identity', 'mail']);
    for (const [area, queries = []] of Object.entries(areas))
      expect(queries.length, area).toBeGreaterThanOrEqual(6);
    const tables = new Set([...checks.values()].flatMap((check) => check.tables));
    expect([...tables].sort()).toEqual(
      expect.arrayContaining([
        'CloudAppEvents',
        'DeviceProcessEvents',
        'EmailEvents',
        'EntraIdSignInEvents',
        'GraphAPIAuditEvents',
        'IdentityDirectoryEvents',
        'UrlClickEvents',
      ]),
    );
  });
});
