import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const CONFIG = 'dependency-cruiser.config.cjs';

interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

interface Cruised {
  readonly modules: number;
  readonly violations: readonly Violation[];
}

/** Runs dependency-cruiser as `npm run lint` does. */
async function cruise(root: string, folders: readonly string[]): Promise<Cruised> {
  const cli = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [cli, '--config', CONFIG, '--output-type', 'json', ...folders];
  const { stdout } = await run(process.execPath, args, { cwd: root, maxBuffer: 100_000_000 });
  const { summary } = JSON.parse(stdout) as {
    summary: {
      totalCruised: number;
      violations: readonly {
        readonly rule: { readonly name: string };
        readonly from: string;
        readonly to: string;
      }[];
    };
  };
  return {
    modules: summary.totalCruised,
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

test('the arrows of the house hold', async () => {
  const { modules, violations } = await cruise(ROOT, ['functions', 'shared', 'lab', 'cli', 'test']);
  expect(violations).toEqual([]);
  expect(modules).toBeGreaterThan(200);
});

/** Imports that each rule must refuse. `type` marks an import of types alone. */
const FORBIDDEN: Readonly<Record<string, readonly (readonly [from: string, to: string, type?: 'type'])[]>> = {
  'no-cycles': [['shared/ring-a.ts', 'shared/ring-b.ts']],
  'domain-knows-no-adapter': [
    ['shared/incidents/a1.ts', 'shared/auth/x.ts'],
    ['shared/incidents/a2.ts', 'shared/clients/x.ts', 'type'],
    ['shared/hunting/a3.ts', 'shared/state/x.ts'],
    ['shared/response/a4.ts', 'shared/http/x.ts'],
    ['shared/delivery/a5.ts', 'functions/x.ts'],
    ['shared/incidents/a6.ts', '@azure/sample'],
  ],
  'domain-knows-no-other-domain': [
    ['shared/incidents/b1.ts', 'shared/hunting/x.ts'],
    ['shared/delivery/b2.ts', 'shared/incidents/x.ts', 'type'],
  ],
  'adapter-sees-domain-by-type-only': [
    ['shared/auth/c1.ts', 'shared/incidents/x.ts'],
    ['shared/clients/c2.ts', 'shared/hunting/x.ts'],
    ['shared/state/c3.ts', 'shared/delivery/x.ts'],
  ],
  'adapter-knows-no-other-adapter': [
    ['shared/clients/d1.ts', 'shared/auth/x.ts'],
    ['shared/state/d2.ts', 'shared/clients/x.ts', 'type'],
    ['shared/auth/d3.ts', 'shared/state/x.ts'],
  ],
  'functions-do-not-reach-past-the-composition-root': [
    ['functions/e1.ts', 'shared/state/x.ts'],
    ['functions/e2.ts', 'shared/clients/x.ts', 'type'],
  ],
  'composition-root-is-loaded-lazily': [
    ['functions/f1.ts', 'shared/app.ts'],
    ['shared/http/f2.ts', 'shared/app.ts'],
  ],
  'lab-shares-nothing-with-the-product': [
    ['lab/g1.ts', 'shared/x.ts'],
    ['lab/runner/g2.ts', 'functions/x.ts', 'type'],
    ['lab/g3.ts', 'cli/x.ts'],
  ],
  'product-knows-no-lab': [
    ['shared/h1.ts', 'lab/x.ts'],
    ['functions/h2.ts', 'lab/x.ts', 'type'],
    ['shared/h3.ts', 'test/x.ts'],
    ['shared/h4.ts', 'cli/x.ts'],
    ['functions/h5.ts', 'scripts/x.ts'],
    ['functions/h6.ts', 'bench/x.ts'],
  ],
};

/** Imports that no rule may refuse. */
const ALLOWED: readonly (readonly [from: string, to: string, type?: 'type'])[] = [
  ['shared/incidents/ok1.ts', 'shared/x.ts'],
  ['shared/auth/ok2.ts', 'shared/incidents/x.ts', 'type'],
  ['shared/clients/ok3.ts', '@azure/sample'],
  ['shared/clients/ok4.ts', 'shared/clients/x.ts'],
  ['functions/ok5.ts', 'shared/http/x.ts'],
  ['functions/ok6.ts', 'shared/app.ts', 'type'],
  ['lab/ok7.ts', 'lab/x.ts'],
  ['cli/ok8.ts', 'lab/x.ts'],
  ['cli/ok9.ts', 'shared/app.ts'],
  ['test/ok10.ts', 'shared/state/x.ts'],
];

const TARGETS = [...Object.values(FORBIDDEN).flat(), ...ALLOWED].map(([, to]) => to);

function sourceOf(from: string, to: string, type: 'type' | undefined): string {
  const up = '../'.repeat(from.split('/').length - 1);
  const specifier = to.startsWith('@') ? to : `${up}${to}`;
  return type === 'type'
    ? `import type { X } from '${specifier}';\nexport const used: X = 1;\n`
    : `import { x } from '${specifier}';\nexport const used = x;\n`;
}

describe('each rule', () => {
  let root = '';
  let found: readonly Violation[] = [];

  async function write(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'outrider-house-'));
    for (const file of [CONFIG, 'tsconfig.json']) await copyFile(join(ROOT, file), join(root, file));
    await write('package.json', '{"type":"module","dependencies":{"@azure/sample":"1.0.0"}}');
    await write(
      'node_modules/@azure/sample/package.json',
      '{"name":"@azure/sample","version":"1.0.0","main":"index.js"}',
    );
    await write('node_modules/@azure/sample/index.js', 'exports.x = 1;\n');
    for (const target of TARGETS.filter((to) => !to.startsWith('@'))) {
      await write(target, 'export type X = number;\nexport const x = 1;\n');
    }
    for (const [from, to, type] of [...Object.values(FORBIDDEN).flat(), ...ALLOWED]) {
      await write(from, sourceOf(from, to, type));
    }
    await write('shared/ring-b.ts', sourceOf('shared/ring-b.ts', 'shared/ring-a.ts', undefined));
    found = (await cruise(root, ['functions', 'shared', 'lab', 'cli', 'test'])).violations;
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  test('of the configuration is tried here', () => {
    const { forbidden } = createRequire(import.meta.url)(join(ROOT, CONFIG)) as {
      forbidden: readonly { readonly name: string; readonly severity: string }[];
    };
    expect(forbidden.map(({ name }) => name).sort()).toEqual(Object.keys(FORBIDDEN).sort());
    expect(new Set(forbidden.map(({ severity }) => severity))).toEqual(new Set(['error']));
  });

  test.each(Object.entries(FORBIDDEN))('%s refuses what it must', (rule, edges) => {
    for (const [from, to] of edges) {
      const target = to.startsWith('@') ? expect.stringContaining(to) : to;
      expect(found).toContainEqual({ rule, from, to: target });
    }
  });

  test('lets everything else be', () => {
    const meant = new Set(
      Object.values(FORBIDDEN)
        .flat()
        .map(([from]) => from),
    );
    expect(found.filter(({ from }) => !meant.has(from) && from !== 'shared/ring-b.ts')).toEqual([]);
  });
});
