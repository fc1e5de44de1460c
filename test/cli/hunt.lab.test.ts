import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CommandLine, createCommandLine, type Ended, type LabStatus } from './lab-command.ts';
import { writeIncidents } from './lab-incidents.ts';

const QUERY = 'DeviceEvents | project Timestamp, DeviceName, ReportId';
const TIME = new Date(Date.now() - 3_600_000).toISOString();
const ROWS = [
  `{"Timestamp":"${TIME}","DeviceName":"=a","ReportId":9223372036854775807}`,
  `{"Timestamp":"${TIME}","DeviceName":"b","ReportId":null}`,
];

let line: CommandLine;
let status: LabStatus;
let env: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  line = await createCommandLine();
  const results = join(line.folder, 'results');
  await mkdir(results);
  await writeFile(join(results, 'own.ndjson'), ROWS.join('\n'));
  await writeFile(join(results, 'own.kql'), QUERY);
  await writeFile(join(line.folder, 'own.kql'), QUERY);
  const incidents = join(line.folder, 'incidents');
  await mkdir(incidents);
  await writeIncidents(incidents);
  const files = ['--hunt-results', results, '--incidents', incidents];
  const lab = line.start(['lab', '--no-hunts', '--port', '0', ...files]);
  status = await line.ready(lab);
  env = JSON.parse((await line.run(['lab', 'env', '--json'])).stdout);
});
afterAll(() => line?.dispose());

const hunt = (...args: readonly string[]): Promise<Ended> => line.run(['hunt', ...args], env);

it('runs a query of a file in all tenants and prints the rows as the service wrote them', async () => {
  const { code, stdout, stderr } = await hunt(
    'run',
    'own.kql',
    '--all',
    '--timespan',
    'P1D',
    '--output',
    'json',
  );
  expect(stderr).toMatch(/^Fabrikam: succeeded, 2 rows/m);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toHaveLength(2 * status.tenants.length);
  expect(stdout).toContain('"OutriderTenant":"Fabrikam","Timestamp"');
  expect(stdout.split('"ReportId":9223372036854775807')).toHaveLength(1 + status.tenants.length);
});

it('says that rows are missing, on stderr and by its exit code; the run can be looked at again', async () => {
  const cut = await hunt('run', QUERY, '--tenant', 'fabrikam', '--max-rows', '1', '--output', 'csv');
  expect(cut.code).toBe(1);
  expect(cut.stderr).toMatch(/^Fabrikam: CUT OFF\. .*maxRows/m);
  const [header, row, end] = cut.stdout.split('\r\n');
  expect(header).toMatch(/^Timestamp,DeviceName,ReportId/);
  expect([row?.startsWith(`${TIME},'=a,9223372036854775807`), end]).toEqual([true, '']);
  const run = /\((\S+_\w{25})\)$/m.exec(cut.stderr)?.[1] ?? '';
  const [shown, cancelled] = await Promise.all([hunt('show', run), hunt('cancel', run)]);
  expect(shown.code).toBe(1);
  expect(shown.stderr).toMatch(/^State +truncated$/m);
  expect(shown.stderr).toContain(QUERY);
  expect(shown.stdout).toMatch(
    /^Timestamp +DeviceName +ReportId.*\n.* =a +9223372036854775807.*\n1 row\.\n$/,
  );
  expect([cancelled.stdout, cancelled.code]).toEqual(['The run is truncated.\n', 1]);
});

it('refuses a query with an error, and says where it is', async () => {
  const { code, stdout, stderr } = await hunt('run', 'DeviceEvent | take 1', '--all');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^1:1: error KS204 .* Did you mean DeviceEvents\?$/m);
});

it.each([
  ['a value that is none', ['own.kql', '--param', 'a=1'], /"a" is not one of its parameters/],
  ['a span that is none', ['own.kql', '--timespan', 'P40D'], /longer than 30 days/],
] as const)('ends with 2 for %s', async (_what, args, words) => {
  const { code, stdout, stderr } = await hunt('run', ...args, '--all');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(words);
});
