import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

export const SBOM_FILE = 'sbom.cdx.json';
export const LICENCES_FILE = 'THIRD-PARTY-LICENSES.txt';

const PACKAGE = /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENCE_FILE = /^(licen[cs]e|copying|notice|thirdpartynotices?)(\W.*)?$/i;

/** A package of which something is in the bundle. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** As the package says: an SPDX id or expression. */
  readonly licence: string;
  /** Its licence, and notices that must go along, by file name. */
  readonly texts: readonly (readonly [file: string, text: string])[];
  readonly dependencies: readonly string[];
  /** SHA-512 of the published package, in hex, by package-lock.json. */
  readonly sha512: string;
}

interface Manifest {
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
  const places = new Set(
    Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.keys(inputs))
      .flatMap((path) => PACKAGE.exec(path)?.[1] ?? []),
  );
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  const found = await Promise.all(
    [...places].map((place) => read(join(root, place), lock.packages[keyOf(place)]?.integrity)),
  );
  return found.sort((a, b) => compare(`${a.name}@${a.version}`, `${b.name}@${b.version}`));
}

/** The lock file's name of a place, which may be reached by a link to somewhere else. */
const keyOf = (place: string): string => place.slice(place.indexOf('node_modules/'));

async function read(folder: string, integrity: string | undefined): Promise<Bundled> {
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
  return {
    name,
    version,
    licence: license,
    texts:
      texts.length > 0 ? texts : [['MIT', mitText(typeof author === 'string' ? author : author?.name, name)]],
    dependencies: Object.keys(dependencies).sort(compare),
    sha512: Buffer.from(hash, 'base64').toString('hex'),
  };
}

/** The licence's own text, for packages that name it and leave it out. https://spdx.org/licenses/MIT.html */
function mitText(author: string | undefined, name: string): string {
  return `MIT License

Copyright (c) ${author?.replace(/\s*[<(].*$/, '') || `the authors of ${name}`}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}

/**
 * A bill of materials in CycloneDX 1.6. The same bundle gives the same text: it has neither time nor serial number.
 * https://cyclonedx.org/docs/1.6/json/
 */
export function sbomText(app: Manifest, packages: readonly Bundled[]): string {
  const refs = new Map(packages.map((one) => [one.name, purlOf(one)]));
  const dependsOn = (names: readonly string[]): readonly string[] =>
    names.flatMap((name) => refs.get(name) ?? []);
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': purlOf(app),
        name: app.name,
        version: app.version,
        licenses: licencesOf(app.license),
        purl: purlOf(app),
      },
    },
    components: packages.map((one) => ({
      type: 'library',
      'bom-ref': purlOf(one),
      ...nameOf(one.name),
      version: one.version,
      scope: 'required',
      hashes: [{ alg: 'SHA-512', content: one.sha512 }],
      licenses: licencesOf(one.licence),
      purl: purlOf(one),
    })),
    dependencies: [
      { ref: purlOf(app), dependsOn: dependsOn(Object.keys(app.dependencies ?? {}).sort(compare)) },
      ...packages.map((one) => ({ ref: purlOf(one), dependsOn: dependsOn(one.dependencies) })),
    ],
  };
  return `${JSON.stringify(bom, undefined, 1)}\n`;
}

/** An id, or an expression such as `MIT OR Apache-2.0`. */
function licencesOf(licence: string): readonly object[] {
  return [/[\s()]/.test(licence) ? { expression: licence } : { license: { id: licence } }];
}

function nameOf(name: string): { readonly group?: string; readonly name: string } {
  const [scope, own] = name.split('/');
  return own === undefined || scope === undefined ? { name } : { group: scope, name: own };
}

/** https://github.com/package-url/purl-spec: the @ of a scope is encoded. */
function purlOf({ name, version }: Pick<Manifest, 'name' | 'version'>): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
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

/** By code unit: the same on every machine. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
