import { glob, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, RunnerError } from './runner-error.ts';

/**
 * Loads every file that `main` in the app's package.json matches (a path, a glob, or braces), in the order
 * of their names, as the Node.js worker does: CommonJS and ES modules alike. One file that throws blocks the
 * whole app. https://learn.microsoft.com/azure/azure-functions/functions-reference-node#registering-a-function
 *
 * @returns the files loaded, relative to the app's folder.
 * @throws RunnerError naming the file and what it threw.
 */
export async function loadApp(directory: string): Promise<readonly string[]> {
  const root = resolve(directory);
  const files = await entryFiles(root, await readMain(root));
  for (const file of files) await loadFile(root, file);
  return files;
}

async function readMain(root: string): Promise<string> {
  const file = join(root, 'package.json');
  try {
    const main: unknown = JSON.parse(await readFile(file, 'utf8')).main;
    if (typeof main === 'string' && main !== '') return main;
  } catch (error) {
    throw new RunnerError(`the app's package.json cannot be read: ${messageOf(error)}`);
  }
  throw new RunnerError(`${file} has no "main": it names the files that register functions`);
}

async function entryFiles(root: string, main: string): Promise<readonly string[]> {
  // Node resolves a folder or a name without extension; a glob must name files.
  const pattern = main.replace(/^\.\//, '');
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: root })) {
    if ((await stat(join(root, file))).isFile()) files.push(file);
  }
  if (files.length === 0)
    throw new RunnerError(`"main" in ${join(root, 'package.json')} is "${main}" and matches no file`);
  return files.sort();
}

async function loadFile(root: string, file: string): Promise<void> {
  try {
    await import(pathToFileURL(join(root, file)).href);
  } catch (error) {
    const cause = error instanceof Error ? error : undefined;
    throw new RunnerError(
      `${file} threw while it was loaded, which blocks every function: ${messageOf(error)}`,
      { cause },
    );
  }
}
