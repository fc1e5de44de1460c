import { basename } from 'node:path';
import type { Metafile } from 'esbuild';

/** Where a package of a bundle comes from and went. */
export interface BundledPackage {
  /** Folders it was taken from; two are two copies, and as a rule two versions. */
  readonly places: Set<string>;
  /** File names it went into. */
  readonly outputs: Set<string>;
}

const PACKAGE = /^(.*node_modules\/)((?:@[^/]+\/)?[^/]+)\//;

/** The packages of node_modules in a bundle, by name. */
export function packagesOf(metafile: Metafile): ReadonlyMap<string, BundledPackage> {
  const packages = new Map<string, BundledPackage>();
  for (const [output, { inputs }] of Object.entries(metafile.outputs)) {
    for (const path of Object.keys(inputs)) {
      const [, folder, name] = PACKAGE.exec(path) ?? [];
      if (folder === undefined || name === undefined) continue;
      const found = packages.get(name) ?? { places: new Set(), outputs: new Set() };
      found.places.add(folder + name);
      found.outputs.add(basename(output));
      packages.set(name, found);
    }
  }
  return packages;
}
