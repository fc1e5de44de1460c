import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../scripts/build.ts';
import type { LoadReport } from './load-report.ts';

const run = promisify(execFile);
const PROBE = join(import.meta.dirname, 'load-probe.ts');
const FUNCTIONS = join(import.meta.dirname, '../../functions');
const TRIGGERS = { http: 'httpTrigger', timer: 'timerTrigger', queue: 'queueTrigger' } as const;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outrider-load-'));
  await buildApp(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(file: string): Promise<LoadReport> {
  const { stdout } = await run(process.execPath, [PROBE, join(folder, file)], { cwd: tmpdir() });
  return JSON.parse(stdout) as LoadReport;
}

describe('loading what a worker loads', () => {
  test('registers each function of functions/ once, by its name and trigger, and no other', async () => {
    const { functions } = await load('functions.js');
    const registered = functions.map(({ name, bindings }) => {
      const trigger = Object.values(bindings).find(({ direction }) => direction === 'in');
      return `${name} ${trigger?.type}`;
    });
    const files = (await readdir(FUNCTIONS)).map((file) => /^([\w-]+)\.(http|timer|queue)\.ts$/.exec(file));
    const expected = files.map((parts) => `${parts?.[1]} ${TRIGGERS[parts?.[2] as keyof typeof TRIGGERS]}`);
    expect(registered.sort()).toEqual(expected.sort());
    expect(registered.length).toBeGreaterThanOrEqual(10);
  });

  test('reads no setting and does no input or output', async () => {
    const { env, io } = await load('functions.js');
    expect({ env, io }).toEqual({ env: [], io: [] });
  });

  test('leaves every HTTP function open to the platform, because our own check decides', async () => {
    const { functions } = await load('functions.js');
    const levels = functions.flatMap(({ bindings }) =>
      Object.values(bindings).flatMap((binding) =>
        binding.type === 'httpTrigger' ? [(binding as { authLevel?: string }).authLevel] : [],
      ),
    );
    expect(new Set(levels)).toEqual(new Set(['anonymous']));
  });
});

test('loading the heavy part does no input or output either, and reads no setting of ours', async () => {
  const { env, io, functions } = await load('app.js');
  expect({ io, functions }).toEqual({ io: [], functions: [] });
  expect(env.filter((name) => /^(outrider|azurewebjobs|identity|msi|website|.*proxy)/i.test(name))).toEqual(
    [],
  );
});

test('the probe sees settings read, files opened, timers set and connections made', async () => {
  await writeFile(
    join(folder, 'restless.js'),
    `const { OUTRIDER_CLOUD } = process.env;
     Object.keys(process.env);
     require('node:fs').readFileSync(__filename);
     require('fs/promises').stat(__filename);
     setTimeout(() => {}, 0);
     require('node:timers').setInterval(() => {}, 1000).unref();
     fetch('data:,').catch(() => {});
     require('net').connect(1, '127.0.0.1').on('error', () => {});
     require('dns').lookup('localhost', () => {});
     setImmediate(() => process.env.LATE);`,
  );
  const { env, io } = await load('restless.js');
  expect(env).toEqual(['OUTRIDER_CLOUD', '*', 'LATE']);
  expect(new Set(io)).toEqual(
    new Set([
      'fs.readFileSync',
      'fs.promises.stat',
      'global.setTimeout',
      'global.setImmediate',
      'timers.setInterval',
      'global.fetch',
      'net.connect',
      'Socket.connect',
      'dns.lookup',
    ]),
  );
});
