import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../..');
const APP = join(ROOT, 'dist/app');
/** What the app is made of. */
const SOURCES = ['functions', 'shared', 'scripts', 'host.json', 'package.json', 'package-lock.json'];

/**
 * The deployable app, built when it is missing or older than its sources.
 *
 * @param onBuild called before it is built
 * @returns its folder
 */
export async function builtApp(onBuild: () => void): Promise<string> {
  const [built, source] = await Promise.all([
    newestChange(join(APP, 'functions.js')),
    Promise.all(SOURCES.map((name) => newestChange(join(ROOT, name)))).then((times) => Math.max(...times)),
  ]);
  if (built > source) return APP;
  onBuild();
  const { buildApp } = await import('../../../scripts/build.ts');
  // Built aside and moved: another lab that starts now must not see half of it.
  const aside = `${APP}-${process.pid}`;
  await buildApp(aside).finally(endEsbuild);
  await swapIn(aside);
  return APP;
}

/** Its process would stay for as long as the lab. */
async function endEsbuild(): Promise<void> {
  await (await import('esbuild')).stop();
}

async function swapIn(aside: string): Promise<void> {
  const old = `${aside}-old`;
  await rename(APP, old).catch(unlessCode('ENOENT'));
  await rename(aside, APP).catch(unlessCode('ENOTEMPTY', 'EEXIST')); // another one has built the same meanwhile
  await rm(old, { recursive: true, force: true });
  await rm(aside, { recursive: true, force: true });
}

function unlessCode(...codes: readonly string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
}

/** When the file, or anything in the folder, changed last, in milliseconds; 0 when it is not there. */
async function newestChange(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return found.mtimeMs;
    const inside = (await readdir(path)).map((name) => newestChange(join(path, name)));
    return Math.max(found.mtimeMs, ...(await Promise.all(inside)));
  } catch (error) {
    unlessCode('ENOENT')(error as NodeJS.ErrnoException);
    return 0;
  }
}
