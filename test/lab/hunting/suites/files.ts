import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyHuntFiles, readHuntFiles } from '../../../../lab/hunting/load-results.ts';
import { moment, NOON, startHuntLab, TENANT } from '../support.ts';

const QUERY = 'DeviceEvents | where Timestamp > ago(7d) | project Timestamp, N = 1';
const TENANTS = [
  { id: TENANT, name: 'Fabrikam' },
  { id: 'other', name: 'Contoso' },
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outrider-hunts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Hunts in a lab that has these files. */
async function load(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const lab = startHuntLab();
  const read = await readHuntFiles([folder], NOON);
  const applied = await applyHuntFiles(lab.defender.hunting, read, TENANTS);
  const faults = [...read.faults, ...applied].map(({ file, reason }) => [
    file.slice(folder.length + 1),
    reason,
  ]);
  return { lab, faults, rows: async (query = QUERY) => (await lab.hunt(query)).rows };
}

const row = (hoursAgo: number, n: number | string): string => `{"Timestamp":"${moment(hoursAgo)}","N":${n}}`;

test('rows on lines, with the query beside them', async () => {
  const { faults, rows, lab } = await load({
    'sub/a.ndjson': `${row(2, 2)}\n\n${row(1, '3.10')}\r\n${row(100, 1)}\n`,
    'sub/a.kql': '// its own span does not matter\nDeviceEvents\n| project Timestamp, N = 1',
  });
  expect(faults).toEqual([]);
  expect((await rows()).map(({ N }) => N)).toEqual([1, 2, 3.1]);
  const { text } = await lab.hunt(QUERY, 'PT3H');
  expect(text).toContain(`"results":[${row(2, 2)},${row(1, '3.10')}]`);
});

test('an object with query and tenants, a list, a saved answer, a hash', async () => {
  const lab = startHuntLab();
  const [first, second, third] = ['A', 'B', 'C'].map((table) => QUERY.replace('N = 1', `${table} = 1`));
  const hash = await lab.defender.hunting.hashOf(third ?? '');
  const { faults, rows } = await load({
    'one.json': JSON.stringify({ query: QUERY, tenants: ['Fabrikam'], rows: [{ N: 1 }] }),
    'two.json': `[{"N": 2}]`,
    'two.kql': first ?? '',
    'three.json': `{"schema": [], "results": [{"N":3},{"N":9007199254740993}]}`,
    'three.kql': second ?? '',
    [`${hash}.jsonl`]: '{"N":4}',
  });
  expect(faults).toEqual([]);
  expect(await rows()).toEqual([{ N: 1 }]);
  expect(await rows(first)).toEqual([{ N: 2 }]);
  expect(await rows(second)).toHaveLength(2);
  expect(await rows(third)).toEqual([{ N: 4 }]);
});

test('files for other tenants leave this one its generated rows', async () => {
  const { rows } = await load({
    'one.json': JSON.stringify({ query: QUERY, tenants: ['Contoso'], rows: [{ N: 1 }] }),
  });
  expect((await rows()).length).toBeGreaterThan(100);
});

test('what cannot be loaded is named, and the rest loads', async () => {
  const { faults, rows } = await load({
    'good.json': JSON.stringify({ query: QUERY, rows: [{ N: 1 }] }),
    'nobody.json': '[{"N":1}]',
    'broken.json': '{"rows":[',
    'none.json': '{"query":"x"}',
    'refused.json': JSON.stringify({ query: 'Nope', rows: [] }),
    'tenant.json': JSON.stringify({ query: QUERY, tenants: ['Nobody'], rows: [] }),
    'line.ndjson': '{"N":1}\n5\n',
    'line.kql': QUERY,
    'old.json': JSON.stringify({ query: `${QUERY} | take 9`, rows: [{ Timestamp: moment(721) }, { N: 1 }] }),
  });
  expect(Object.fromEntries(faults)).toEqual({
    'nobody.json': expect.stringContaining('nobody.kql'),
    'broken.json': expect.stringContaining('JSON'),
    'none.json': expect.stringContaining('rows, results or Results'),
    'refused.json': expect.stringContaining("'Nope'"),
    'tenant.json': 'there is no tenant Nobody; there are Fabrikam, Contoso',
    'line.ndjson': 'row 2: a row must be a JSON object',
    'old.json': '1 of 2 rows are older than 30 days; no hunt finds them',
  });
  expect(await rows()).toEqual([{ N: 1 }]);
});

test('a folder without files, and one that is not there', async () => {
  expect((await load({})).faults).toEqual([['', 'no .json or .ndjson file in this folder']]);
  const { faults } = await readHuntFiles([join(folder, 'missing')], NOON);
  expect(faults).toEqual([{ file: join(folder, 'missing'), reason: expect.stringContaining('ENOENT') }]);
});
