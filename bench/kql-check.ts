import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { createKqlService } from '../shared/hunting/kql/service.ts';
import { type Bench, median, type Result } from './measure.ts';

const run = promisify(execFile);
const OUTRIDER = resolve(import.meta.dirname, '../bin/outrider.js');
/** 60 public hunting queries, beside the checkout. */
const HUNTS = resolve(import.meta.dirname, '../../shared/data/hunts');
const STARTS = 7;
const ROUNDS = 5;
const MANY = 10_000;
const GROWTH = 1.2;

/** The check of queries: first answer, the time of one query after that, memory over many files. */
export const kqlCheck: Bench = {
  name: 'kql-check',
  async run() {
    const texts = await readHunts();
    const folder = await mkdtemp(join(tmpdir(), 'outrider-kql-'));
    try {
      return [await firstAnswer(folder, texts), await oneQuery(texts), await memory(folder, texts)];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function readHunts(): Promise<readonly string[]> {
  const files = (await readdir(HUNTS)).filter((file) => file.endsWith('.yaml')).sort();
  return Promise.all(
    files.map(async (file) => (parse(await readFile(join(HUNTS, file), 'utf8')) as { query: string }).query),
  );
}

async function firstAnswer(folder: string, texts: readonly string[]): Promise<Result> {
  const one = await writeQueries(join(folder, 'one'), texts, 1);
  // What V8 compiles is kept by the first start of all, which is not measured.
  await check(one);
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) times.push((await check(one)).ms);
  const ms = median(times);
  return {
    what: 'check of queries: first answer',
    against: '',
    goal: '≤ 1.5 s from the start of the process',
    value: `${(ms / 1000).toFixed(2)} s`,
    met: ms <= 1_500,
    detail: `median of ${STARTS} times the whole of \`outrider queries check\` with one file, from start to end of the process.`,
  };
}

async function oneQuery(texts: readonly string[]): Promise<Result> {
  const service = createKqlService();
  const times: number[] = [];
  try {
    for (const text of texts) await service.check({ text });
    for (let round = 0; round < ROUNDS; round++) {
      for (const text of texts) {
        const began = performance.now();
        await service.check({ text });
        times.push(performance.now() - began);
      }
    }
  } finally {
    await service.close();
  }
  const p50 = median(times);
  const p95 = times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN;
  return {
    what: 'check of one query after that, p50',
    against: '',
    goal: '≤ 10 ms',
    value: `${p50.toFixed(1)} ms`,
    met: p50 <= 10,
    detail: `${texts.length} public hunting queries, ${ROUNDS} times after one round that is not counted, one after the other through the worker; p95 ${p95.toFixed(0)} ms.`,
  };
}

async function memory(folder: string, texts: readonly string[]): Promise<Result> {
  const few = await check(await writeQueries(join(folder, 'few'), texts, texts.length));
  const many = await check(await writeQueries(join(folder, 'many'), texts, MANY));
  const ratio = many.peakMiB / few.peakMiB;
  return {
    what: `peak memory of checking ${MANY.toLocaleString('en')} files`,
    against: `the same of ${texts.length}: ${few.peakMiB.toFixed(0)} MiB`,
    goal: `≤ ${GROWTH} ×`,
    value: `${many.peakMiB.toFixed(0)} MiB`,
    ratio,
    met: ratio <= GROWTH,
    detail: `largest resident size of the process of \`outrider queries check\`, worker included; no two files the same. ${(many.ms / 1000).toFixed(0)} s, ${(many.ms / MANY).toFixed(1)} ms a file.`,
  };
}

/** Files of the texts over and over, each with a comment of its own. */
async function writeQueries(folder: string, texts: readonly string[], count: number): Promise<string> {
  await mkdir(folder);
  for (let index = 0; index < count; index++) {
    await writeFile(join(folder, `${index}.kql`), `// ${index}\n${texts[index % texts.length]}`);
  }
  return folder;
}

/** Prints the process's own peak when it ends. */
const PEAK = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS+' KiB'))`;

async function check(folder: string): Promise<{ readonly ms: number; readonly peakMiB: number }> {
  const began = performance.now();
  const args = ['--import', PEAK, OUTRIDER, 'queries', 'check', folder, '--format', 'github'];
  const { stderr } = await run(process.execPath, args, { maxBuffer: 1e9 });
  const ms = performance.now() - began;
  return { ms, peakMiB: Number(/peak (\d+) KiB/.exec(stderr)?.[1]) / 1024 };
}
