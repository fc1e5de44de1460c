import { parseArgs } from 'node:util';
import { LEAST_PERCENT, sharesOf } from './hazards.ts';
import { playInWorker } from './play-in-worker.ts';
import { reportOf, type SeriesResult } from './series.ts';

/**
 * Plays stories of faults on the sync: `--schedules N` of the series `--seed S`, in `--workers W` threads; `--story`
 * plays one again by its own seed. `--json` for programs. Exit code 1 when a promise is not kept, or a hazard hardly
 * ever occurs.
 */
const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '4' },
    workers: { type: 'string', default: '2' },
    story: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: 'schedules' | 'seed' | 'workers' | 'story'): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name} takes a whole number, not ${values[name]}.\n`);
  return process.exit(2);
}

async function playAll(): Promise<void> {
  const [schedules, seed, workers] = [wholeNumber('schedules'), wholeNumber('seed'), wholeNumber('workers')];
  const began = performance.now();
  const share = Math.ceil(schedules / Math.max(1, workers));
  const parts = Array.from({ length: Math.ceil(schedules / share) }, (_, n) => n * share);
  const results = await Promise.all(
    parts.map((from) => playInWorker({ series: { seed, from, to: Math.min(schedules, from + share) } })),
  );
  const seconds = (performance.now() - began) / 1000;
  const played = results.reduce((sum, result) => sum + result.played, 0);
  const shares = sharesOf(addedUp(results), played);
  const rare = shares.filter(({ percent }) => percent < LEAST_PERCENT);
  const failed = results.map((result) => result.failed).find((each) => each !== undefined);
  if (values.json) {
    print(JSON.stringify({ seed, played, seconds, hazards: shares, rare, failed }));
  } else {
    for (const { hazard, percent } of shares) print(`${percent.toFixed(1).padStart(6)} %  ${hazard}`);
    print(`${played} stories of series ${seed} in ${seconds.toFixed(1)} s`);
    if (rare.length > 0 && !failed) print(`too rare: ${rare.map(({ hazard }) => hazard).join('; ')}`);
    print(failed ? failed.report : 'All promises are kept.');
  }
  process.exitCode = failed || rare.length > 0 ? 1 : 0;
}

function addedUp(results: readonly SeriesResult[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { hazards } of results)
    for (const [hazard, count] of Object.entries(hazards)) sum[hazard] = (sum[hazard] ?? 0) + count;
  return sum;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (values.story === undefined) await playAll();
else print(await reportOf(wholeNumber('story')));
