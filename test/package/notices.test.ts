import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundledPackages, licencesText } from '../../scripts/notices.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'outrider-notices-'));
});
afterEach(() => rm(root, { recursive: true }));

/** A package on disk, which is in the bundle. */
async function bundled(
  manifest: object,
  {
    files = {},
    hash = 'sha512-AAAA',
  }: { readonly files?: Readonly<Record<string, string>>; readonly hash?: string } = {},
) {
  const place = 'node_modules/a';
  await mkdir(join(root, place), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, place, name), text);
  await writeFile(
    join(root, place, 'package.json'),
    JSON.stringify({ name: 'a', version: '1.2.3', ...manifest }),
  );
  await writeFile(
    join(root, 'package-lock.json'),
    JSON.stringify({ packages: { [place]: { integrity: hash } } }),
  );
  const metafile = {
    inputs: {},
    outputs: { 'app.js': { inputs: { [`${place}/x.js`]: {}, 'shared/own.ts': {} } } },
  };
  return bundledPackages(root, metafile as unknown as Metafile);
}

test('licence and notices go along, line ends the same everywhere', async () => {
  const found = await bundled(
    { license: 'Apache-2.0' },
    { files: { 'LICENSE.md': 'One\r\nTwo', NOTICE: 'Three', 'licenser.js': 'no' } },
  );
  expect(found).toEqual([
    expect.objectContaining({
      texts: [
        ['LICENSE.md', 'One\nTwo'],
        ['NOTICE', 'Three'],
      ],
      sha512: '000000',
    }),
  ]);
  expect(licencesText(found)).toContain('a 1.2.3 (Apache-2.0)\n\nOne\nTwo\n\nThree');
});

test('a package without a text has that of MIT, with its author; any other licence is refused', async () => {
  const [found] = await bundled({ license: 'MIT', author: 'Jo Bloggs <jo@example.org>' });
  expect(found?.texts[0]?.[1]).toMatch(
    /^MIT License\n\nCopyright \(c\) Jo Bloggs\n\nPermission is hereby granted/,
  );
  await expect(bundled({ license: 'Apache-2.0' })).rejects.toThrow(
    'a is bundled, and has no text of Apache-2.0.',
  );
});

test('a package without a hash or a licence ends the build', async () => {
  await expect(bundled({ license: 'MIT' }, { hash: '' })).rejects.toThrow(
    'package-lock.json has no hash of it',
  );
  await expect(bundled({})).rejects.toThrow('names no licence');
});
