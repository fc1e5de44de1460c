import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadLibrary } from '../../../shared/hunting/library/load-library.ts';
import {
  createLibrarySource,
  shippedLibraryFolder,
} from '../../../shared/hunting/library/shipped-library.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outrider-library-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** What a load says, with paths from the folder on. */
async function load(paths: string | readonly string[] = folder) {
  const { queries, problems, skipped } = await loadLibrary(paths);
  const short = (path: string): string => path.replace(`${folder}/`, '');
  return {
    ids: queries.map(({ id }) => id),
    problems: problems.map(({ file, ...rest }) => ({ ...rest, file: short(file) })),
    skipped: skipped.map(({ path }) => short(path)),
  };
}

describe('a folder', () => {
  it('gives its queries in the order of their files, and nothing that is not one', async () => {
    await write({
      'b.yaml': 'query: print 2',
      'a.kql': 'print 1',
      'deep/er/c.md': '# T\n```\nprint 3\n```',
      'README.md': '# About\n```\nnpm start\n```',
      'LICENSE.txt': 'MIT',
      'LICENSES/other-MIT.txt': 'MIT',
      'notes.docx': 'x',
      '.github/workflow.yml': 'name: ci\nquery: print 9',
      'node_modules/x/y.kql': 'print 9',
    });
    expect(await load()).toEqual({
      ids: ['a', 'b', 'deep-er-c'],
      problems: [],
      skipped: ['LICENSE.txt', 'LICENSES', 'README.md'],
    });
  });

  it('loads the rest when a file is bad, and tells each bad one once', async () => {
    await write({
      'a.yaml': 'query: print 1',
      'bomb.yaml': 'id: &x b\nquery: *x',
      'empty.kql': '',
      'folder.yaml/inside.yaml': 'query: print 5',
      'twice.yaml': 'id: z\nid: z\nquery: print 1',
      'z.kql': 'print 9',
    });
    await symlink(folder, join(folder, 'loop'));
    await symlink('itself.yaml', join(folder, 'itself.yaml'));
    await symlink('nowhere', join(folder, 'dangling.yaml'));
    await symlink('/proc/self/mem', join(folder, 'unreadable.yaml'));
    await symlink('/dev/zero', join(folder, 'endless.yaml'));
    const { ids, problems } = await load();
    expect(ids).toEqual(['a', 'z']);
    expect(problems.map(({ file, code, severity }) => `${file} ${severity} ${code}`)).toEqual([
      'bomb.yaml error LIB114',
      'dangling.yaml error LIB101',
      'empty.kql error LIB105',
      'endless.yaml error LIB101',
      'folder.yaml error LIB107',
      'itself.yaml error LIB101',
      'loop error LIB106',
      'twice.yaml error LIB112',
      'unreadable.yaml error LIB101',
    ]);
    expect(problems.every(({ message }) => /\.$/.test(message))).toBe(true);
  });

  it('that is linked twice is read once', async () => {
    await write({ 'shared/a.yaml': 'query: print 1' });
    await symlink(join(folder, 'shared'), join(folder, 'also'));
    expect(await load()).toEqual({ ids: ['also-a'], problems: [], skipped: ['shared'] });
  });

  it('has each id once, in whatever case', async () => {
    await write({
      'a.yaml': 'id: same\nquery: print 1',
      'b.yaml': 'name: b\nid: SAME\nquery: |\n  print 2',
      'c.yaml': 'queries:\n  - { id: same, query: print 3 }\n  - { id: other, query: print 4 }',
    });
    const { ids, problems } = await load();
    expect(ids).toEqual(['same', 'other']);
    expect(problems).toMatchObject([
      {
        code: 'LIB301',
        severity: 'error',
        file: 'b.yaml',
        line: 2,
        column: 5,
        message: expect.stringContaining('a.yaml:1'),
      },
      { code: 'LIB301', severity: 'error', file: 'c.yaml', line: 2, column: 11 },
    ]);
  });

  it('that is not there is a problem', async () => {
    expect(await load(join(folder, 'none'))).toMatchObject({
      ids: [],
      problems: [{ code: 'LIB101', file: 'none' }],
    });
  });

  it('may be given beside files, which are always read', async () => {
    await write({ 'one/README.md': '# T\n```\nprint 1\n```', 'two/b.yaml': 'query: print 2' });
    expect(await load([join(folder, 'one/README.md'), join(folder, 'two')])).toMatchObject({
      ids: ['readme', 'b'],
      problems: [],
    });
  });
});

describe('the library of a running app', () => {
  it('is read on first use, once', async () => {
    await write({ 'a.yaml': 'query: print 1' });
    const source = createLibrarySource({ folder, now: () => new Date('2026-11-21T00:00:00Z') });
    const [first, second] = await Promise.all([source.load(), source.load()]);
    await write({ 'b.yaml': 'query: print 2' });
    expect(await source.load()).toBe(first);
    expect(second).toBe(first);
    expect(first.queries.map(({ id }) => id)).toEqual(['a']);
  });

  it('lies beside the built file, or at the root of the sources', async () => {
    await mkdir(join(folder, 'queries'));
    expect(shippedLibraryFolder(folder)).toBe(join(folder, 'queries'));
    expect(shippedLibraryFolder()).toBe(join(import.meta.dirname, '../../../queries'));
  });
});
