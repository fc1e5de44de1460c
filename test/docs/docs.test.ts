import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { apiWithRoutes, operationsWithSettings } from '../../scripts/docs.ts';
import { ACTIONS } from '../../shared/http/actions.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (file: string): Promise<string> => readFile(join(ROOT, file), 'utf8');

it('docs/operations.md lists the settings that the code reads (else: npm run docs)', async () => {
  const { before, after } = await operationsWithSettings();
  expect(before).toBe(after);
});

it('docs/api.md lists the routes that the code has (else: npm run docs)', async () => {
  const { before, after } = await apiWithRoutes();
  expect(before).toBe(after);
});

it('docs/api.md names every route and every app role', async () => {
  const api = await read('docs/api.md');
  for (const file of await readdir(join(ROOT, 'functions'))) {
    const source = await read(`functions/${file}`);
    const route = /route: '([^']+)'/.exec(source)?.[1];
    const method = /methods: \['([A-Z]+)'\]/.exec(source)?.[1];
    if (route && method) expect(api).toContain(`\`${method} /${route}\``);
  }
  for (const role of Object.values(ACTIONS)) expect(api).toContain(`\`${role}\``);
});

it('README names only scripts that exist', async () => {
  const { scripts } = JSON.parse(await read('package.json'));
  const named = [...(await read('README.md')).matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(0);
  for (const name of [...named, 'start', 'test']) expect(scripts).toHaveProperty(String(name));
});
