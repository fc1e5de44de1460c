import { parseArgs } from 'node:util';
import { type KillResult, playKills } from './play.ts';

/**
 * Kills the app again and again during a first load: `--kills N` processes of the series `--seed S`, `--tenants T`
 * with `--incidents I` each; `--storage-stops N` has the storage account go away and come back as often. `--json` for programs. Exit code 1 when something was lost, doubled or never ended.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: '4' },
    tenants: { type: 'string', default: '3' },
    incidents: { type: 'string', default: '1500' },
    'storage-stops': { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: Exclude<keyof typeof values, 'json'>, least = 1): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least) return value;
  process.stderr.write(`--${name} takes a whole number from ${least} on, not ${values[name]}.\n`);
  return process.exit(2);
}

function summary(result: KillResult): string {
  const { freshAgainAfter: fresh, told } = result;
  const middle = fresh[Math.floor(fresh.length / 2)] ?? 0;
  return [
    `${result.kills} kills in ${result.rounds} rounds, ${result.midSync} in mid-sync, ${result.midLoad} during the first load`,
    `two processes in ${result.twoAtOnce} rounds, both killed in ${result.bothKilled}`,
    `head fresh again after ${middle.toFixed(0)} s (median), ${(fresh.at(-1) ?? 0).toFixed(0)} s (longest) of the app's time`,
    `${result.incidents} incidents, ${result.changes} changes while killing: ${result.versions} versions, ${result.announced} announced`,
    `storage away ${result.storageStops} times, ${result.stopsMidLoad} during the first load; ${result.crashed} processes did not survive it`,
    `${result.foreign.noted} of ${result.foreign.sent} messages that are not ours noted and let go`,
    `${result.blobsWithoutRow} blobs of runs that died before their rows were written`,
    `said by the app: ${JSON.stringify(told)}`,
    `${result.seconds.toFixed(0)} s, ${(result.appSeconds / 60).toFixed(0)} min of the app's time`,
    ...(result.faults.length === 0 ? ['Nothing lost, nothing doubled.'] : result.faults),
  ].join('\n');
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const result = await playKills({
  kills: wholeNumber('kills'),
  seed: wholeNumber('seed'),
  tenants: wholeNumber('tenants'),
  incidents: wholeNumber('incidents'),
  storageStops: wholeNumber('storage-stops', 0),
  ...(values.json ? {} : { tell: say }),
});
process.stdout.write(`${values.json ? JSON.stringify(result) : summary(result)}\n`);
process.exitCode = result.faults.length > 0 ? 1 : 0;
