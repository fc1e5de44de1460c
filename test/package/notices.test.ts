import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noticesOfOthers } from '../../scripts/copyrights.ts';
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
    name = 'a',
    file = 'x.js',
    files = {},
    hash = 'sha512-AAAA',
  }: {
    readonly name?: string;
    /** The one that is bundled. */
    readonly file?: string;
    readonly files?: Readonly<Record<string, string>>;
    readonly hash?: string;
  } = {},
) {
  const place = `node_modules/${name}`;
  await mkdir(join(root, place), { recursive: true });
  await writeFile(join(root, place, file), '');
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, place, name), text);
  await writeFile(join(root, place, 'package.json'), JSON.stringify({ name, version: '1.2.3', ...manifest }));
  await writeFile(
    join(root, 'package-lock.json'),
    JSON.stringify({ packages: { [place]: { integrity: hash } } }),
  );
  const metafile = {
    inputs: {},
    outputs: { 'app.js': { inputs: { [`${place}/${file}`]: {}, 'shared/own.ts': {} } } },
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

test('what a file has from elsewhere goes along with its package, once', async () => {
  const notice =
    '/*\n * Copyright (c) 2003-2005  Tom Wu\n * All redistributions must retain this.\n */\nvar a;';
  const [found] = await bundled(
    { license: 'MIT' },
    {
      files: {
        LICENSE: 'Copyright 2010 Jo, Inc.',
        'x.js': `// Copyright (c) 2012 Jo, Inc.\n\n${notice}\n${notice}`,
      },
    },
  );
  expect(found?.texts).toEqual([
    ['LICENSE', 'Copyright 2010 Jo, Inc.'],
    ['in its files', 'Copyright (c) 2003-2005  Tom Wu\nAll redistributions must retain this.'],
  ]);
});

test.each([
  ['/** @copyright : Copyright 2008-2019 Object.NET, Inc. http://object.net/ */', true],
  ['// Copyright base-x contributors (c) 2016', true],
  ['// Copyright (C) Ellis Pritchard, Guardian Unlimited 2003.', true],
  ['// Copyright (c) Microsoft Corporation. All rights reserved.', false],
  ['// The above copyright notice shall be included. Copyright notice.', false],
  ['const text = "Copyright (c) Tom Wu";', false],
])('%s names somebody else: %s', (source, others) => {
  expect(noticesOfOthers(source, 'Copyright (c) Microsoft')).toHaveLength(others ? 1 : 0);
});

const KUSTO = { name: '@kusto/language-service-next', file: 'bridge.min.js' };
const BRIDGE = '/**\n * @version   : 17.10.1 - Bridge.NET\n * Copyright 2008 Object.NET, Inc.\n */';
const APACHE = 'Apache License\nTERMS\nEND OF TERMS AND CONDITIONS\nAPPENDIX';

test('Bridge.NET is told apart from the package that carries it, with its own version, notice and licence', async () => {
  const files = { LICENSE: APACHE, 'bridge.min.js': BRIDGE };
  const [kusto, bridge] = await bundled({ license: 'Apache-2.0' }, { ...KUSTO, files });
  expect(kusto?.dependencies).toEqual(['Bridge.Core']);
  expect(kusto?.texts).toEqual([['LICENSE', APACHE]]);
  expect(bridge).toEqual({
    from: 'nuget',
    name: 'Bridge.Core',
    version: '17.10.1',
    licence: 'Apache-2.0',
    texts: [
      ['notice', '@version   : 17.10.1 - Bridge.NET\nCopyright 2008 Object.NET, Inc.'],
      ['Apache-2.0', 'Apache License\nTERMS\nEND OF TERMS AND CONDITIONS'],
    ],
    dependencies: [],
  });
});

test('Bridge.NET without a version, or without the text of its licence, ends the build', async () => {
  await expect(bundled({ license: 'Apache-2.0' }, { ...KUSTO, files: { LICENSE: APACHE } })).rejects.toThrow(
    'no longer says which Bridge.Core it is',
  );
  await expect(bundled({ license: 'MIT' }, { ...KUSTO, files: { 'bridge.min.js': BRIDGE } })).rejects.toThrow(
    'nothing in the bundle has the text of Apache-2.0',
  );
});
