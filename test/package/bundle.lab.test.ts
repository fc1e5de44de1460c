import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Ajv } from 'ajv';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../scripts/build.ts';
import { packagesOf } from './packages.ts';
import { SBOM_SCHEMA, type Sbom } from './sbom-schema.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What is of no package of npm, inside of one that is. */
const CARRIED = ['Bridge.Core'];
/**
 * Tried, and done without: kerberos by proxy-agent-negotiate, which says so itself to a proxy that wants it;
 * supports-color by debug, for colours in a terminal.
 */
const OPTIONAL = ['kerberos', 'supports-color'];
/** What each file loads besides Node's own modules. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  'functions.js': ['./app.js'],
  'app.js': ['./hunting.js', './pkcs12.js', ...OPTIONAL],
  'hunting.js': [],
  'pkcs12.js': [],
  'kql-worker.js': [],
};

let folder = '';
let metafile: Metafile;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outrider-bundle-'));
  metafile = await buildApp(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the bundle', () => {
  test('is the light file that a worker loads, the heavy one for the first invocation, and rare parts', () => {
    expect(
      Object.keys(metafile.outputs)
        .map((path) => basename(path))
        .sort(),
    ).toEqual(['app.js', 'functions.js', 'hunting.js', 'kql-worker.js', 'pkcs12.js']);
  });

  test('has no package twice: neither in two places or versions, nor in two files', () => {
    const packages = packagesOf(metafile);
    expect(packages.size).toBeGreaterThan(20);
    const doubled = [...packages].filter(([, { places, outputs }]) => places.size > 1 || outputs.size > 1);
    expect(doubled).toEqual([]);
  });

  test('says what it is made of, in the form of CycloneDX, and carries each licence', async () => {
    const sbom: unknown = JSON.parse(await readFile(join(folder, 'sbom.cdx.json'), 'utf8'));
    const fits = new Ajv({ strict: true }).compile<Sbom>(SBOM_SCHEMA);
    expect(fits(sbom), JSON.stringify(fits.errors)).toBe(true);
    const { components, dependencies } = sbom as Sbom;
    const names = components.map(({ group, name }) => (group ? `${group}/${name}` : name));
    expect(names.sort()).toEqual([...packagesOf(metafile).keys(), ...CARRIED].sort());
    const unhashed = components.filter(({ hashes }) => hashes === undefined);
    expect(unhashed.map(({ name }) => name)).toEqual(CARRIED);
    const licences = await readFile(join(folder, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const { group, name, version } of components) {
      const said = `${group ? `${group}/` : ''}${name} ${version} (`;
      const from = licences.indexOf(`\n${said}`);
      expect(from, said).toBeGreaterThan(0);
      expect(licences.slice(from).split(`\n${'-'.repeat(80)}\n`)[0], said).toMatch(/permission|license/i);
    }
    const refs = components.map((component) => component['bom-ref']);
    expect(
      dependencies
        .map(({ ref }) => ref)
        .slice(1)
        .sort(),
    ).toEqual([...refs].sort());
    for (const { dependsOn } of dependencies) expect(refs).toEqual(expect.arrayContaining([...dependsOn]));
    expect(dependencies[0]?.dependsOn.length).toBeGreaterThan(10);
    // What their packages took from elsewhere under a licence of its own.
    const others = ['Object.NET, Inc', 'Tom Wu', 'Kenji Urushima', 'base-x contributors', 'Dojo Foundation'];
    expect(others.filter((holder) => !licences.includes(holder))).toEqual([]);
  });

  test('holds nothing that only development needs', async () => {
    const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const marks = [...packagesOf(metafile).keys()].map((name) => [
      name,
      lock.packages[`node_modules/${name}`]?.dev,
    ]);
    expect(marks.filter(([, dev]) => dev !== undefined)).toEqual([]);
    expect(lock.packages['node_modules/esbuild']?.dev).toBe(true);
  });

  test('keeps what is heavy out of the file that a worker loads', async () => {
    const packages = packagesOf(metafile);
    const inFunctions = [...packages].filter(([, { outputs }]) => outputs.has('functions.js'));
    const light = inFunctions.map(([name]) => name).sort();
    expect(light).toEqual(['@azure/functions', '@azure/functions-extensions-base', 'cookie']);
    const heavy = [
      '@azure/msal-node',
      '@azure/identity',
      '@azure/storage-blob',
      '@azure/data-tables',
      'jose',
      'zod',
    ];
    for (const name of heavy) expect(packages.get(name)?.outputs).toEqual(new Set(['app.js']));
    expect((await stat(join(folder, 'functions.js'))).size).toBeLessThan(210 * 1024);
    for (const name of ['yaml', 're2js', 'croner'])
      expect(packages.get(name)?.outputs).toEqual(new Set(['hunting.js']));
    expect(packages.get('node-forge')?.outputs).toEqual(new Set(['pkcs12.js']));
    expect(packages.get('@kusto/language-service-next')?.outputs).toEqual(new Set(['kql-worker.js']));
    // Loading it takes a worker longer than all of our own code there.
    expect(await readFile(join(folder, 'functions.js'), 'utf8')).not.toContain('"node:zlib"');
    // With zod's texts in all languages it was beyond.
    expect((await stat(join(folder, 'app.js'))).size).toBeLessThan(1_900 * 1024);
  });

  test('keeps names in the file that a worker loads, at no cost, and looks into the library once', async () => {
    const text = await readFile(join(folder, 'functions.js'), 'utf8');
    const kept = ['async function readFields(', 'function tenantRoute(', 'OutriderError'];
    expect(kept.filter((name) => !text.includes(name))).toEqual([]);
    // esbuild's keepNames: a call for each function, which loading pays for.
    expect(text.includes('__name(')).toBe(false);
    expect(text.match(/__toESM\(require_azure_functions\(\)\)/g)).toHaveLength(1);
  });

  test('asks for nothing at run time but Node’s own modules, its other files, and what the worker supplies', async () => {
    for (const [output, { imports }] of Object.entries(metafile.outputs)) {
      const outside = imports.filter(({ external }) => external).map(({ path }) => path);
      const foreign = outside.filter((path) => !isBuiltin(path) && path !== '@azure/functions-core');
      expect(foreign.sort()).toEqual(FOREIGN[basename(output)]);
    }
  });

  test('holds no lab, no test, no command line, and no path of this machine', async () => {
    for (const { inputs } of Object.values(metafile.outputs)) {
      const ours = Object.keys(inputs).filter((path) => !path.includes('node_modules/'));
      expect(
        ours.filter(
          (path) => !/^(functions\.ts|functions-library:|functions\/|shared\/|package\.json)/.test(path),
        ),
      ).toEqual([]);
    }
    for (const file of ['functions.js', 'app.js']) {
      expect(await readFile(join(folder, file), 'utf8')).not.toContain(ROOT);
    }
  });
});

test('the worker of the KQL check answers by itself, without node_modules', async () => {
  const worker = new Worker(join(folder, 'kql-worker.js'), { workerData: {}, execArgv: [] });
  try {
    const [ready] = await once(worker, 'message');
    expect(ready).toEqual({ kind: 'ready' });
    worker.postMessage({ text: 'DeviceInf | take 1' });
    const [answer] = await once(worker, 'message');
    expect(answer).toMatchObject({
      kind: 'checked',
      result: { diagnostics: [{ code: 'KS204', suggestion: 'DeviceInfo' }] },
    });
  } finally {
    await worker.terminate();
  }
});

describe('the look at packages', () => {
  const bundle = (outputs: Readonly<Record<string, readonly string[]>>): Metafile => ({
    inputs: {},
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([output, inputs]) => [
        output,
        {
          bytes: 0,
          exports: [],
          imports: [],
          inputs: Object.fromEntries(inputs.map((path) => [path, { bytesInOutput: 1 }])),
        },
      ]),
    ),
  });

  test('sees a package in two places and in two files', () => {
    const packages = packagesOf(
      bundle({
        'x/app.js': ['node_modules/@a/b/i.js', 'node_modules/c/node_modules/@a/b/i.js', 'shared/app.ts'],
        'x/functions.js': ['node_modules/c/i.js', 'node_modules/d/i.js'],
      }),
    );
    expect([...packages.keys()].sort()).toEqual(['@a/b', 'c', 'd']);
    expect(packages.get('@a/b')?.places.size).toBe(2);
    expect(packages.get('c')?.outputs).toEqual(new Set(['functions.js']));
  });
});
