import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKqlService } from '../../shared/hunting/kql/service.ts';
import { loadLibrary } from '../../shared/hunting/library/load-library.ts';
import { type CommandLine, createCommandLine } from './lab-command.ts';

const ROOT = join(import.meta.dirname, '../..');

let outrider: CommandLine;
let folder = '';
beforeAll(async () => {
  outrider = await createCommandLine();
  folder = await mkdtemp(join(tmpdir(), 'outrider-queries-'));
});
afterAll(async () => {
  await outrider?.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function library(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text);
  return path;
}

describe('outrider queries list', () => {
  test('shows our own queries, as a table and as JSON', async () => {
    const own = join(ROOT, 'queries');
    const [table, json] = await Promise.all([
      outrider.run(['queries', 'list', '--library', own]),
      outrider.run(['queries', 'list', '--library', own, '--json']),
    ]);
    expect([table.code, table.stderr, json.code, json.stderr]).toEqual([0, '', 0, '']);
    const queries = JSON.parse(json.stdout) as { id: string; source: object }[];
    const files = await readdir(own);
    expect(queries.map(({ id }) => `${id}.yaml`)).toEqual(files.sort());
    expect(queries[0]?.source).toEqual({
      file: join(own, `${queries[0]?.id}.yaml`),
      line: expect.any(Number),
      format: 'outrider',
    });
    const lines = table.stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^Id +Severity +Schedule +Tactics +Name$/);
    expect(lines).toHaveLength(queries.length + 2);
    expect(lines.at(-1)).toMatch(new RegExp(`^${queries.length} queries, \\d+ of them on schedule\\.$`));
  });

  test('ends with 1 where a file is bad, and says where, on stderr', async () => {
    const path = await library('bad', { 'a.kql': 'print 1', 'b.yaml': 'id: b\nquery: print 2\nid: c' });
    const { code, stdout, stderr } = await outrider.run(['queries', 'list', '--library', path, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toHaveLength(1);
    expect(stderr).toBe(
      `${path}/b.yaml:3:1: error LIB112 The key "id" is there twice. Remove one of them.\n`,
    );
  });

  test('is wrong use without the folder', async () => {
    const { code, stderr } = await outrider.run(['queries', 'list', '--library', join(folder, 'none')]);
    expect(code).toBe(2);
    expect(stderr).toContain('--library');
  });
});

describe('outrider queries show', () => {
  test('shows one query, and nothing of it that moves the cursor', async () => {
    const path = await library('show', {
      'a.yaml':
        'id: One\nname: "The \\e[31mone\\nline"\nschedule: 1h\nparameters: { Days: 7 }\nquery: |\n  print 1\n  | take 2\n',
    });
    const { code, stdout } = await outrider.run(['queries', 'show', 'one', '--library', path]);
    expect(code).toBe(0);
    expect(stdout).not.toContain('\x1b');
    expect(stdout).toContain('The  [31mone line\n');
    expect(stdout).toContain('Schedule    every PT1H\n');
    expect(stdout).toContain('Parameter   Days: long = 7\n');
    expect(stdout.endsWith('\n\nprint 1\n| take 2\n')).toBe(true);
    const missing = await outrider.run(['queries', 'show', 'ona', '--library', path]);
    expect([missing.code, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toContain('Did you mean One?');
  });
});

describe('outrider queries new', () => {
  test('writes a file that passes the check, and never over another', async () => {
    const path = join(folder, 'fresh', 'queries');
    const name = 'Odd "services": on # Sérvers';
    const made = await outrider.run(['queries', 'new', name, '--library', path]);
    expect([made.code, made.stdout]).toEqual([0, `${join(path, 'odd-services-on-servers.yaml')}\n`]);
    const { queries, problems } = await loadLibrary(path);
    expect(problems).toEqual([]);
    expect(queries).toMatchObject([
      { id: 'odd-services-on-servers', name, schedule: {}, parameters: [{ name: 'TrustedParents' }] },
    ]);
    const service = createKqlService();
    const [query] = queries;
    if (!query) throw new Error('no query');
    const { diagnostics, columns } = await service
      .check({ ...query, findings: { keys: query.keys } })
      .finally(() => service.close());
    expect(diagnostics).toEqual([]);
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(['Timestamp', ...query.keys]));

    await writeFile(join(path, 'odd-services-on-servers.yaml'), 'mine');
    const again = await outrider.run(['queries', 'new', name, '--library', path]);
    expect(again.code).toBe(2);
    expect(await readFile(join(path, 'odd-services-on-servers.yaml'), 'utf8')).toBe('mine');
    const nameless = await outrider.run(['queries', 'new', ' ', '--library', path]);
    expect([nameless.code, nameless.stderr]).toEqual([2, 'outrider: The query needs a name.\n']);
  });
});

describe('outrider queries convert', () => {
  test('writes every form in ours, to a folder or to stdout', async () => {
    const path = await library('foreign', {
      'a.md': '# A\n\n```kusto\nprint 1 // stays\n```\n\n```\nprint 2\n```\n',
      'b.csl': 'print 3\r\n| take 1\r\n',
      'c.yaml': 'id: c\nqueryFrequency: 1h\nunknown: 1\nquery: print 4\n',
    });
    const out = join(folder, 'converted');
    const [files, stream] = [
      await outrider.run(['queries', 'convert', path, '--out', out]),
      await outrider.run(['queries', 'convert', path]),
    ];
    expect([files.code, stream.code]).toEqual([0, 0]);
    expect((await readdir(out)).sort()).toEqual(['a-2.yaml', 'a.yaml', 'b.yaml', 'c.yaml']);
    expect(files.stdout.trim().split('\n')).toHaveLength(4);
    await writeFile(join(folder, 'stream.yaml'), stream.stdout);
    for (const place of [out, join(folder, 'stream.yaml')]) {
      const { queries, problems } = await loadLibrary(place);
      expect(problems).toEqual([]);
      expect(queries.map(({ id, text }) => [id, text]).sort()).toEqual([
        ['a#2', 'print 2'],
        ['a', 'print 1 // stays'],
        ['b', 'print 3\n| take 1\n'],
        ['c', 'print 4'],
      ]);
      expect(queries.find(({ id }) => id === 'c')).toMatchObject({
        extra: { unknown: 1 },
        schedule: { every: { minutes: 60 } },
      });
    }
    const again = await outrider.run(['queries', 'convert', path, '--out', out]);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('--force');
    const forced = await outrider.run(['queries', 'convert', path, '--out', out, '--force']);
    expect(forced.code).toBe(0);
  });
});
