import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandLine, createCommandLine, type Ended } from './lab-command.ts';

const GOOD = 'DeviceInfo | where Timestamp > ago(1d) | project DeviceId, Timestamp\n';
const YAML = `id: tidy
name: Tidy
description: Two findings in a block scalar.
query: |
  // 宽 comment
  DeviceInfo
  | where\tDevicename == "x"
  | where DeviceId == 5
`;
const MARKDOWN = '# Fenced\n\nText.\n\n```kusto\nDeviceEvent\n| take 5\n```\n';

let line: CommandLine;
beforeAll(async () => {
  line = await createCommandLine();
});
afterAll(() => line.dispose());

const check = (...args: readonly string[]): Promise<Ended> => line.run(['queries', 'check', ...args]);
async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(line.folder, path, '..'), { recursive: true });
  await writeFile(join(line.folder, path), content);
}

describe('outrider queries check', () => {
  it('tells file, line and column in the file, and how it went by its exit code', async () => {
    await put('mixed/good.kql', GOOD);
    await put('mixed/tidy.yaml', YAML);
    await put('mixed/fenced.md', MARKDOWN);
    const ended = await check('mixed');
    expect(ended.stderr).toBe('');
    expect(ended.stdout).toBe(
      `mixed/fenced.md:6:1: error KS204 The name 'DeviceEvent' does not refer to any known table, tabular variable or function. Did you mean DeviceEvents?
    DeviceEvent
    ^~~~~~~~~~~
mixed/tidy.yaml:7:11: error KS142 The name 'Devicename' does not refer to any known column, table, variable or function. Did you mean DeviceName?
    | where    Devicename == "x"
               ^~~~~~~~~~
mixed/tidy.yaml:8:11: warning KQL206 A string is compared with a long: convert one of them, by tostring() or tolong().
    | where DeviceId == 5
            ^~~~~~~~~~~~~
Checked 3 queries in 3 files: 2 errors, 1 warning.
`,
    );
    expect(ended.code).toBe(1);
  });

  it('knows the findings of a baseline again after lines were put in', async () => {
    const report = await check('mixed', '--format', 'json');
    expect(report.code).toBe(1);
    expect(report.stderr).toBe('Checked 3 queries in 3 files: 2 errors, 1 warning.\n');
    await put('baseline.json', report.stdout);
    await put('mixed/tidy.yaml', YAML.replace('query: |\n', 'author: Someone\nquery: |\n  // one more\n'));
    await put('mixed/good.kql', `${GOOD}| where DeviceId == Nope\n`);
    const ended = await check('mixed', '--baseline', 'baseline.json');
    expect(ended.stdout).toMatch(
      /^mixed\/good\.kql:2:21: error KS142 .*\n.*\n.*\nChecked .* 3 findings of the baseline not shown\.\n$/,
    );
    expect(ended.code).toBe(1);
    await put('mixed/good.kql', GOOD);
    expect((await check('mixed', '--baseline', 'baseline.json')).code).toBe(0);
  });

  it('lets warnings pass unless it is told to be strict, and leaves them out where only failures are wanted', async () => {
    await put('utf16.kql', Buffer.from('\ufeffprint 1', 'utf16le'));
    await put('warn.kql', 'DeviceInfo | where DeviceId == 5\n');
    const [usual, strict] = await Promise.all([
      check('warn.kql', 'utf16.kql'),
      check('warn.kql', '--strict', '--only-failing'),
    ]);
    expect(usual).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('warn.kql:1:20: warning KQL206'),
    });
    expect(usual.stdout).toMatch(/^utf16\.kql:1:1: warning LIB103 .*\n {4}print 1\n/m);
    expect(strict).toMatchObject({ code: 1, stdout: 'Checked 1 query in 1 file: no errors, 1 warning.\n' });
  });

  it('checks the rest, whatever a file is', async () => {
    await put('bad/1mb.kql', `print "${'x'.repeat(1_000_000)}"`);
    await put('bad/brackets.kql', `print ${'('.repeat(10_000)}1${')'.repeat(10_000)}`);
    await put('bad/null.kql', 'print 1\0');
    await put('bad/utf16.kql', Buffer.from('DeviceInf | take 1', 'utf16le'));
    await put('bad/bomb.yaml', `a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nquery: *c\n`);
    await put('bad/tag.yaml', 'id: x\nquery: !!js/function "x"\n');
    await put('bad/twice.yaml', 'id: y\nquery: print 1\nquery: print 2\n');
    await put(
      'bad/entity.yaml',
      'id: e\nquery: DeviceInfo | take 1\nentities: [{ type: Host, identifier: Name, column: Host }]\n',
    );
    await put('bad/good.kql', 'DeviceInfo | take 1\n');
    await symlink('..', join(line.folder, 'bad/loop'));
    const { stdout, code } = await check('bad', '--format', 'json');
    expect(code).toBe(1);
    const { files } = JSON.parse(stdout) as {
      readonly files: readonly {
        readonly file: string;
        readonly findings: readonly { readonly severity: string }[];
        readonly queries: readonly { readonly findings: readonly { readonly severity: string }[] }[];
      }[];
    };
    const errors = Object.fromEntries(
      files
        .filter(({ file }) => file.startsWith('bad/') && !file.startsWith('bad/loop'))
        .map(({ file, findings, queries }) => [
          file,
          [...findings, ...queries.flatMap((query) => query.findings)].filter(
            ({ severity }) => severity === 'error',
          ).length,
        ]),
    );
    expect(errors).toEqual({
      'bad/1mb.kql': 1,
      'bad/bomb.yaml': 1,
      'bad/brackets.kql': 1,
      'bad/entity.yaml': 1,
      'bad/good.kql': 0,
      'bad/null.kql': 1,
      'bad/tag.yaml': 1,
      'bad/twice.yaml': 1,
      'bad/utf16.kql': 1,
    });
  });

  it('ends with 2 where it is used wrongly', async () => {
    await put('empty/readme.txt.bak', '');
    await put('schema.json', '{"tables":{"T":{"A":"text"}}}');
    const wrong = await Promise.all([
      check('nowhere'),
      check(),
      check('mixed', '--format', 'html'),
      check('empty'),
      check('mixed', '--schema', 'schema.json'),
      check('mixed', '--baseline', 'schema.json'),
    ]);
    expect(wrong.map(({ code, stdout }) => [code, stdout])).toEqual(wrong.map(() => [2, '']));
    expect(wrong[4]?.stderr).toMatch(/schema\.json.*tables\.T\.A/);
    expect(wrong[5]?.stderr).toMatch(/no baseline/);
  });
});
