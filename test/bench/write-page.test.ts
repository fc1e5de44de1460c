import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Result } from '../../bench/measure.ts';
import { writePage } from '../../bench/write-page.ts';

const ORDER = ['first', 'second', 'third'];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outrider-page-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const machine = (commit: string) => ({
  cpu: 'Some CPU',
  cores: 2,
  memory: '8.0 GiB',
  node: 'v24.21.0',
  date: '2026-11-21',
  commit,
});
const result = (what: string, over: Partial<Result> = {}): Result => ({
  what,
  against: 'a floor: 1 ms',
  goal: '≤ 2 ×',
  value: '1 ms',
  ratio: 1,
  met: true,
  detail: 'medians of 7',
  ...over,
});
const write = (name: string, commit: string, ...results: Result[]) =>
  writePage(name, { machine: machine(commit), results }, ORDER, folder);
const page = () => readFile(join(folder, 'performance.md'), 'utf8');

it('keeps the rows of benches that did not run, each with what it ran on, in the order of the benches', async () => {
  await write('third', 'c1', result('old row'));
  await write('first', 'c2', result('another row'));
  await write('third', 'c3', result('new row'));
  const text = await page();
  expect(text).not.toContain('old row');
  expect(text).not.toContain('c1');
  expect(text.indexOf('| another row |')).toBeGreaterThan(0);
  expect(text.indexOf('| another row |')).toBeLessThan(text.indexOf('| new row |'));
  expect(text).toMatch(/\| `first` \| 2026-11-21 \| c2 \| Some CPU \| 2 \|/);
  expect(text).toMatch(/\| `third` \| 2026-11-21 \| c3 \|/);
});

it('shows a missed goal as missed, with its reason', async () => {
  await write('first', 'c1', result('slow row', { met: false, ratio: 2.5, reason: 'a profile shows gzip' }));
  expect(await page()).toMatch(/\| slow row \|.*\| 2\.50 × \| ≤ 2 × \| \*\*missed\*\* \|/);
  expect(await page()).toContain('**slow row**: a profile shows gzip');
  await write('first', 'c2', result('slow row', { reason: 'a profile shows gzip' }));
  expect(await page()).not.toMatch(/missed|gzip/);
});

it('gives programs what it shows people', async () => {
  await write('second', 'c1', result('a row'));
  const kept = JSON.parse(await readFile(join(folder, 'performance.json'), 'utf8'));
  expect(kept).toEqual({ second: { machine: machine('c1'), results: [result('a row')] } });
});
