import { parseArgs } from 'node:util';
import { tableText } from './counts.ts';
import { startFuzzLab } from './fuzz-lab.ts';
import { memoryFault } from './memory.ts';
import { playFuzz } from './play.ts';
import { reportOf } from './report.ts';

/**
 * Sends generated requests to the running app: `--requests N` of the series `--seed S`. `--json` for programs. Exit
 * code 1 when one of them was not answered as it must be, or memory grew.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: 'requests' | 'seed'): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  process.stderr.write(`--${name} takes a whole number above 0, not ${values[name]}.\n`);
  return process.exit(2);
}

const [requests, seed] = [wholeNumber('requests'), wholeNumber('seed')];
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const lab = await startFuzzLab();
try {
  const result = await playFuzz(lab, lab.app, { requests, seed, ...(values.json ? {} : { tell: say }) });
  const [finding] = result.findings;
  const grown = memoryFault(result.memory);
  const faults = [
    ...(finding ? [await reportOf(lab, lab.app, { seed, finding })] : []),
    ...(grown === undefined ? [] : [grown]),
    ...lab.app.wrongLines.map((line) => `the app logged: ${line}`),
    ...lab.refused().map((target) => `something tried to reach ${target}`),
  ];
  const { played, seconds, memory, counts } = result;
  const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const text = [
    tableText('kind of request', counts.byKind),
    tableText('token', counts.byToken),
    `${played} requests of series ${seed} in ${seconds.toFixed(0)} s`,
    `memory after warm-up: ${mb(memory.warm.live)} live, ${mb(memory.warm.rss)} resident`,
    `${memory.requestsBetween} requests later: ${mb(memory.end.live)} live, ${mb(memory.end.rss)} resident`,
    faults.length === 0 ? 'All were answered as they must be.' : faults.join('\n'),
  ];
  const shown = {
    seed,
    played,
    seconds,
    memory,
    faults,
    byKind: rows(counts.byKind),
    byToken: rows(counts.byToken),
  };
  process.stdout.write(`${values.json ? JSON.stringify(shown) : text.join('\n\n')}\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  await lab.stop();
}

function rows(
  table: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Record<string, Record<string, number>> {
  return Object.fromEntries([...table].map(([name, row]) => [name, Object.fromEntries(row)]));
}
