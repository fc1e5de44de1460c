import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { PERMISSIONS, type Permission } from '../../shared/permissions.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ROWS: readonly Permission[] = PERMISSIONS;
const read = (...path: readonly string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

it('what clients name to people as missing is the least role of a row of the table', () => {
  const folder = join(ROOT, 'shared/clients');
  const named = readdirSync(folder).flatMap((file) =>
    [...read('shared/clients', file).matchAll(/permission: '([^']+)'/g)].map(([, name]) => name),
  );
  const least = new Set(ROWS.map(({ roles }) => roles[0]));
  expect(new Set(named).size).toBeGreaterThan(6);
  expect(named.filter((name) => !least.has(name ?? ''))).toEqual([]);
});

it('the permissions that operations.md asks administrators for are those of the table', () => {
  const text = /## Permissions\n([\s\S]*?)\n## /.exec(read('docs/operations.md'))?.[1] ?? '';
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| the app registration') || line.startsWith('| the same'));
  const named = rows.flatMap((row) =>
    [...row.matchAll(/`(\w+\.(?:Read|ReadWrite)\.All)`/g)].map(([, name]) => name),
  );
  const known = new Set(ROWS.flatMap(({ roles }) => roles));
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((name) => !known.has(name ?? ''))).toEqual([]);
});
