import type { Bundled, Manifest } from './notices.ts';

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
      ...(one.sha512 === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: one.sha512 }] }),
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
function purlOf({
  from = 'npm',
  name,
  version,
}: Pick<Manifest, 'name' | 'version'> & Partial<Pick<Bundled, 'from'>>): string {
  return `pkg:${from}/${name.replace('@', '%40')}@${version}`;
}

/** By code unit: the same on every machine. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
