import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { checkRequestOf } from '../../../shared/hunting/library/check-request.ts';
import { FIELD_NAMES } from '../../../shared/hunting/library/field-names.ts';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import { SCHEDULE_PARTS } from '../../../shared/hunting/library/read-schedule.ts';
import { check } from '../kql/checker.ts';
import { bytesOf } from './places.ts';

/** Spellings of other forms, and where what is unknown goes. */
const NOT_OURS = ['frequency', 'lookback', 'triggerOperator', 'triggerThreshold', 'connectors', 'extra'];

let page: string;
beforeAll(async () => {
  page = await readFile(new URL('../../../docs/query-files.md', import.meta.url), 'utf8');
});

it('docs/query-files.md shows a query that passes the check', () => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const { queries, problems } = readQueryFile('example.yaml', bytesOf(yaml));
  expect(problems).toEqual([]);
  expect(queries).toMatchObject([{ schedule: { timeZone: 'Europe/Berlin' } }]);
  expect(queries.flatMap((query) => check(checkRequestOf(query)).diagnostics)).toEqual([]);
});

it('docs/query-files.md names every field of a query and of its schedule', () => {
  const names = [...Object.keys(FIELD_NAMES).filter((name) => !NOT_OURS.includes(name)), ...SCHEDULE_PARTS];
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
