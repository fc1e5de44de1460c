import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildApp } from '../scripts/build.ts';
import { buildEmptyApp } from './floors/empty-app.ts';
import { alternate, type Bench, median, type Result } from './measure.ts';

const run = promisify(execFile);
const ROUNDS = 15;

// Loads an app as the worker does, `@azure/functions-core` supplied, and prints how long that took and its CPU time, in ms.
const LOADER = `
const Module = require('node:module');
const load = Module._load;
const core = { setProgrammingModel() {}, registerFunction() {}, registerHook() {}, log() {} };
Module._load = (name, ...rest) => (name === '@azure/functions-core' ? core : load(name, ...rest));
const [began, used] = [performance.now(), process.cpuUsage()];
require(process.argv[1]);
const took = performance.now() - began;
const { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ took, cpu: (user + system) / 1000 }));
`;

/** Loading the packaged app in a fresh process, against an app with as many empty functions. */
export const appLoad: Bench = { name: 'load', run: measure };

async function measure(): Promise<Result[]> {
  const app = await mkdtemp(join(tmpdir(), 'outrider-bench-'));
  await buildApp(app);
  const functions = (await readdir(resolve(import.meta.dirname, '../functions'))).length;
  const empty = await buildEmptyApp(functions);
  try {
    const cpu = { ours: [] as number[], floor: [] as number[] };
    const { ours, floor } = await alternate(
      ROUNDS,
      () => load(app, cpu.ours),
      () => load(empty, cpu.floor),
    );
    return [
      {
        what: 'load of the packaged app, fresh process',
        against: `an app with as many empty functions: ${floor.toFixed(1)} ms`,
        goal: '≤ 1.3 ×',
        value: `${ours.toFixed(1)} ms`,
        ratio: ours / floor,
        met: ours / floor <= 1.3,
        reason:
          'of Node’s own modules both load the same (crypto takes longest); what the product loads besides is its routes, 75 KB of code to compile and run.',
        detail: `${functions} functions each, bundled with the same settings, medians of ${ROUNDS}, alternating; time of \`require\` of the bundle, with \`@azure/functions-core\` supplied as the worker does. CPU time, which other processes disturb less: ${median(cpu.ours).toFixed(1)} ms against ${median(cpu.floor).toFixed(1)} ms.`,
      },
    ];
  } finally {
    await Promise.all([app, empty].map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

async function load(folder: string, cpu: number[]): Promise<number> {
  const { stdout } = await run(process.execPath, ['-e', LOADER, join(folder, 'functions.js')]);
  const one = JSON.parse(stdout) as { readonly took: number; readonly cpu: number };
  cpu.push(one.cpu);
  return one.took;
}
