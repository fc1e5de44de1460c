import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { noticesOfOthers } from './copyrights.ts';
import { compare, sbomText } from './sbom.ts';

export const SBOM_FILE = 'sbom.cdx.json';
export const LICENCES_FILE = 'THIRD-PARTY-LICENSES.txt';

const PACKAGE = /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const APACHE_TERMS = /^ *Apache License\n[\s\S]*?END OF TERMS AND CONDITIONS$/m;
const LICENCE_FILE = /^(licen[cs]e|copying|notice|thirdpartynotices?)(\W.*)?$/i;

/** Software in a file of a package that has neither its licence's text nor a package of npm. */
const CARRIED = [
  {
    // What C# becomes in JavaScript needs it. Apache-2.0: https://github.com/bridgedotnet/Bridge/blob/master/LICENSE.md
    name: 'Bridge.Core',
    by: '@kusto/language-service-next',
    file: /\/@kusto\/language-service-next\/bridge(\.min)?\.js$/,
    version: /@version\s*:\s*([\d.]+) - Bridge\.NET/,
    licence: 'Apache-2.0',
  },
] as const;

/** A package of which something is in the bundle. */
export interface Bundled {
  /** Where it is published: what is not of npm is carried by a package that is. */
  readonly from: 'npm' | 'nuget';
  readonly name: string;
  readonly version: string;
  /** As the package says: an SPDX id or expression. */
  readonly licence: string;
  /** Its licence, and notices that must go along, by file name. */
  readonly texts: readonly (readonly [file: string, text: string])[];
  readonly dependencies: readonly string[];
  /** SHA-512 of the published package, in hex, by package-lock.json. */
  readonly sha512?: string;
}

/** What a package says of itself. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author?: string | { readonly name: string };
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * What a bundle is made of besides our own code, in the order of names.
 *
 * @throws Error for a package that is in no lock file or says no licence
 */
export async function bundledPackages(root: string, metafile: Metafile): Promise<readonly Bundled[]> {
  const paths = new Set(Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)));
  const places = new Map<string, string[]>();
  for (const path of paths) {
    const place = PACKAGE.exec(path)?.[1];
    if (place !== undefined) places.set(place, [...(places.get(place) ?? []), path]);
  }
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  const found = await Promise.all(
    [...places].map(([place, files]) => read(root, place, files, lock.packages[keyOf(place)]?.integrity)),
  );
  const carried = await Promise.all([...paths].map((path) => carriedIn(root, path, found)));
  return [...found, ...carried.flat()].sort((a, b) =>
    compare(`${a.name}@${a.version}`, `${b.name}@${b.version}`),
  );
}

/** The lock file's name of a place, which may be reached by a link to somewhere else. */
const keyOf = (place: string): string => place.slice(place.indexOf('node_modules/'));

async function read(
  root: string,
  place: string,
  bundledFiles: readonly string[],
  integrity: string | undefined,
): Promise<Bundled> {
  const folder = join(root, place);
  const {
    name,
    version,
    license,
    author,
    dependencies = {},
  } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  const hash = /^sha512-(.+)$/.exec(integrity ?? '')?.[1];
  if (hash === undefined)
    throw new Error(`${name} is bundled, and package-lock.json has no hash of it: npm ci`);
  if (typeof license !== 'string')
    throw new Error(`${name} is bundled, and its package.json names no licence.`);
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort(compare);
  const texts = await Promise.all(
    files.map(
      async (file) => [file, (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n')] as const,
    ),
  );
  if (texts.length === 0 && license !== 'MIT')
    throw new Error(`${name} is bundled, and has no text of ${license}.`);
  const own =
    texts.length > 0
      ? texts
      : [['MIT', mitText(typeof author === 'string' ? author : author?.name, name)] as const];
  const carries = CARRIED.filter(({ by }) => by === name);
  const rest = bundledFiles.filter((path) => !carries.some(({ file }) => file.test(path)));
  const others = await othersIn(root, rest, own.map(([, text]) => text).join('\n'));
  return {
    from: 'npm',
    name,
    version,
    licence: license,
    texts: others === '' ? own : [...own, ['in its files', others]],
    dependencies: [...Object.keys(dependencies), ...carries.map((one) => one.name)].sort(compare),
    sha512: Buffer.from(hash, 'base64').toString('hex'),
  };
}

/** Notices in the files of a package for what it took from elsewhere, each once. */
async function othersIn(root: string, paths: readonly string[], known: string): Promise<string> {
  const found = await Promise.all(
    [...paths]
      .sort(compare)
      .map(async (path) => noticesOfOthers(await readFile(join(root, path), 'utf8'), known)),
  );
  return [...new Set(found.flat())].join('\n\n');
}

/** @throws Error where its version is not to be seen any more, or nobody in the bundle has its licence's text */
async function carriedIn(
  root: string,
  path: string,
  packages: readonly Bundled[],
): Promise<readonly Bundled[]> {
  const carried = CARRIED.find(({ file }) => file.test(path));
  if (carried === undefined) return [];
  const { name, licence } = carried;
  const source = await readFile(join(root, path), 'utf8');
  const version = carried.version.exec(source)?.[1];
  if (version === undefined) throw new Error(`${path} is bundled, and no longer says which ${name} it is.`);
  const text = packages
    .filter((one) => one.licence === licence)
    .flatMap(({ texts }) => texts.flatMap(([, each]) => APACHE_TERMS.exec(each)?.[0] ?? []))[0];
  if (text === undefined)
    throw new Error(`${name} is bundled, and nothing in the bundle has the text of ${licence}.`);
  const notices = noticesOfOthers(source, '').map((notice) => ['notice', notice] as const);
  return [{ from: 'nuget', name, version, licence, texts: [...notices, [licence, text]], dependencies: [] }];
}

/** The licence's own text, for packages that name it and leave it out. https://spdx.org/licenses/MIT.html */
function mitText(author: string | undefined, name: string): string {
  return `MIT License

Copyright (c) ${author?.replace(/\s*[<(].*$/, '') || `the authors of ${name}`}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}

/** The licences of everything in the bundle that is not ours, each text once. */
export function licencesText(packages: readonly Bundled[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, licence, texts } of packages) {
    const said = `${name} ${version} (${licence})`;
    const whole = texts.map(([, text]) => text.trim()).join('\n\n');
    byText.set(whole, [...(byText.get(whole) ?? []), said]);
  }
  const parts = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return `Outrider contains the following software.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** Puts bill of materials and licences beside the built app. */
export async function writeNotices(root: string, folder: string, metafile: Metafile): Promise<void> {
  const app = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
  const packages = await bundledPackages(root, metafile);
  await writeFile(join(folder, SBOM_FILE), sbomText(app, packages));
  await writeFile(join(folder, LICENCES_FILE), licencesText(packages));
}
