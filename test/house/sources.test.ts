import { describe, expect, it } from 'vitest';
import { linesOf, readsEnvironment, registrationsIn, type Source, sourcesIn } from './sources.ts';

const TRIGGERS: Readonly<Record<string, string>> = { http: 'http', timer: 'timer', queue: 'storageQueue' };
const source = (text: string): Source => ({ path: 'x.ts', text });

describe('settings', () => {
  it('are read in shared/config.ts alone', async () => {
    const product = await sourcesIn('shared', 'functions');
    expect(product.length).toBeGreaterThan(70);
    expect(product.filter(readsEnvironment).map(({ path }) => path)).toEqual(['shared/config.ts']);
  });

  it('are found however they are read', () => {
    for (const text of [
      'process.env.X',
      'process . env',
      'process?.env',
      "process['env']",
      'const { env } = process;',
      'const { env: e, pid } = globalThis.process',
      "import { env } from 'node:process';",
      "import process from 'process'",
    ]) {
      expect(readsEnvironment(source(text)), text).toBe(true);
    }
    for (const text of ['process.pid', 'processed.env', 'env.X', "from 'node:path'"]) {
      expect(readsEnvironment(source(text)), text).toBe(false);
    }
  });
});

describe('a file of functions/', () => {
  it('registers one function, which has the file’s name and trigger', async () => {
    const files = await sourcesIn('functions');
    expect(files.length).toBeGreaterThanOrEqual(10);
    for (const file of files) {
      const [, name, trigger] = /^functions\/([\w-]+)\.(\w+)\.ts$/.exec(file.path) ?? [];
      expect(registrationsIn(file), file.path).toEqual([`${TRIGGERS[trigger ?? '']} ${name}`]);
    }
  });

  it('ends with that, exports its handler, and stays under 60 lines', async () => {
    for (const file of await sourcesIn('functions')) {
      expect(linesOf(file), file.path).toBeLessThan(60);
      expect(file.text.match(/\bapp\.\w+\(/g), file.path).toHaveLength(1);
      expect(file.text, file.path).toMatch(/^export (const|async function) \w+/m);
      expect(file.text.slice(file.text.indexOf('\napp.')), file.path).not.toMatch(/=>|\bfunction\b|;\n./);
    }
  });
});

describe('a source file', () => {
  it('has 300 lines at most', async () => {
    const sources = await sourcesIn('shared', 'functions', 'lab', 'cli', 'scripts');
    expect(sources.length).toBeGreaterThan(150);
    const tooLong = sources.filter((file) => linesOf(file) > 300).map(({ path }) => path);
    expect(tooLong).toEqual([]);
  });

  it('waits for nothing that is still to be done, and silences no tool', async () => {
    const sources = await sourcesIn('shared', 'functions', 'lab', 'cli', 'scripts');
    const marks = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|expect-error|nocheck)|biome-ignore|eslint-disable/;
    expect(sources.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('a domain', () => {
  it('shows adapters its ports alone', async () => {
    const imports = (await sourcesIn('shared/auth', 'shared/clients', 'shared/state')).flatMap(
      ({ path, text }) =>
        [...text.matchAll(/from '(\.\.\/(?:incidents|hunting|response|delivery)\/[^']+)'/g)].map(
          ([, to]) => `${path} ${to}`,
        ),
    );
    expect(imports.filter((edge) => !edge.endsWith('/ports.ts'))).toEqual([]);
    expect(imports.length).toBeGreaterThan(0);
  });
});
