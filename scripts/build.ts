import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { writeNotices } from './notices.ts';

/** Root of the repository. */
const ROOT = resolve(import.meta.dirname, '..');
/** The deployable app: what `npm run package` zips. */
export const APP_FOLDER = join(ROOT, 'dist/app');

/**
 * Files of the deployed app beside `functions.js`, which registers all functions and is loaded when a worker starts.
 * Each is loaded by `require` on first use. esbuild cannot split CommonJS, so the lines between them are drawn here.
 */
const HEAVY: Readonly<Record<string, string>> = {
  /** Everything that works: loaded on the first invocation. */
  'app.js': join(ROOT, 'shared/app.ts'),
  /** The query library, the check and the runs: loaded with the first hunt. */
  'hunting.js': join(ROOT, 'shared/app-hunting.ts'),
  /** For certificates that the vault keeps as PKCS 12. */
  'pkcs12.js': join(ROOT, 'shared/auth/pkcs12.ts'),
  /** Microsoft's KQL language service: a worker thread's own entry, which nothing requires. */
  'kql-worker.js': join(ROOT, 'shared/hunting/kql/kql-worker.ts'),
};

/** `import('…/shared/app.ts')` becomes `require('./app.js')` at run time, and so on. */
const keepHeavyPartsApart: Plugin = {
  name: 'keep-heavy-parts-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const source = resolve(resolveDir, path);
      const file = Object.keys(HEAVY).find((name) => HEAVY[name] === source);
      return file === undefined ? undefined : { path: `./${file}`, external: true };
    });
  },
};

/** What of the library the functions use; another name here is another value that they may import. */
const LIBRARY = "export { app } from '@azure/functions';";

/** One look at the library for all functions: esbuild copies its whole export list for each file that imports it. */
const importLibraryOnce: Plugin = {
  name: 'import-library-once',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@azure\/functions$/ }, ({ kind, namespace }) =>
      kind === 'import-statement' && namespace === 'file'
        ? { path: 'app', namespace: 'functions-library' }
        : undefined,
    );
    onLoad({ filter: /^/, namespace: 'functions-library' }, () => ({ contents: LIBRARY, resolveDir: ROOT }));
  },
};

/**
 * How the file is written that a worker loads at its start. Names stay whole: that loads sooner than short names do,
 * much sooner than short ones with `keepNames`, and a stack trace in the log says where it was.
 */
export const QUICK_TO_LOAD = {
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
} as const satisfies BuildOptions;

/** Builds the deployable app into `dist/app`; returns what went into it. */
export async function buildApp(outdir: string = APP_FOLDER): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const functions = (await readdir(join(ROOT, 'functions'))).filter((file) => file.endsWith('.ts')).sort();
  const shared = {
    absWorkingDir: ROOT,
    ...QUICK_TO_LOAD,
    bundle: true as const,
    // A node_modules that is a link to another folder gives the same names, and the same bytes.
    preserveSymlinks: true,
    metafile: true as const,
    logLevel: 'warning' as const,
    // The Functions worker supplies functions-core; the library asks for it at its first app.*() call. debug tries
    // supports-color and does without: what is there for development only must not change the bundle.
    external: ['@azure/functions-core', 'supports-color'],
    // A CommonJS file has no import.meta; what starts a worker looks for its entry beside itself.
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    plugins: [keepHeavyPartsApart, importLibraryOnce],
  } satisfies BuildOptions;
  const heavy = { ...shared, minifyIdentifiers: true, keepNames: true } satisfies BuildOptions;
  const built = await Promise.all([
    build({
      ...shared,
      stdin: {
        contents: functions.map((file) => `import './functions/${file}';`).join('\n'),
        resolveDir: ROOT,
        sourcefile: 'functions.ts',
        loader: 'ts',
      },
      outfile: join(outdir, 'functions.js'),
    }),
    ...Object.entries(HEAVY).map(([file, source]) =>
      build({ ...heavy, entryPoints: [source], outfile: join(outdir, file) }),
    ),
  ]);
  const metafile: Metafile = {
    inputs: Object.assign({}, ...built.map(({ metafile }) => metafile.inputs)),
    outputs: Object.assign({}, ...built.map(({ metafile }) => metafile.outputs)),
  };
  await writeAppFiles(outdir);
  await writeNotices(ROOT, outdir, metafile);
  return metafile;
}

async function writeAppFiles(outdir: string): Promise<void> {
  const { name, version, license } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const manifest = {
    name,
    version,
    license,
    private: true,
    type: 'commonjs',
    main: 'functions.js',
    engines: { node: '>=24' },
  };
  await writeFile(join(outdir, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeFile(join(outdir, 'host.json'), await readFile(join(ROOT, 'host.json')));
  await writeFile(join(outdir, 'LICENSE'), await readFile(join(ROOT, 'LICENSE')));
  // Data, read on first use: whoever deploys puts own queries beside ours.
  await cp(join(ROOT, 'queries'), join(outdir, 'queries'), { recursive: true });
}

if (import.meta.main) await buildApp();
