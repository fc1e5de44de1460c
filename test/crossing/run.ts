import { parseArgs } from 'node:util';
import { createFindings } from './findings.ts';
import { playPersons, WHOLE_PERSON_PLAY } from './person-play.ts';
import { playCrossing, WHOLE_PLAY } from './play.ts';

/**
 * Plays many tenants, their people and persons at the command line: at least `--calls N` of the series `--seed S`.
 * `--json` for programs. Exit code 1 when anything was mixed up, or went wrong otherwise.
 */
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: String(WHOLE_PLAY.calls) },
    seed: { type: 'string', default: String(WHOLE_PLAY.seed) },
    json: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: 'calls' | 'seed'): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name} takes a whole number, not ${values[name]}.\n`);
  return process.exit(2);
}

async function playAll(): Promise<void> {
  const [calls, seed] = [wholeNumber('calls'), wholeNumber('seed')];
  const { counts, inspected, ...world } = await playCrossing({ ...WHOLE_PLAY, calls, seed });
  const { tokens, ...line } = await playPersons({ ...WHOLE_PERSON_PLAY, seed });
  const { user, system } = process.cpuUsage();
  const cpuSeconds = (user + system) / 1e6;
  const missing = inspected?.missing ?? [];
  const faults = [...world.crossings, ...world.troubles, ...missing, ...line.crossings, ...line.troubles];
  if (values.json) {
    print(JSON.stringify({ seed, cpuSeconds, counts, commandLineTokens: tokens, faults }));
  } else {
    for (const name of Object.keys(createFindings().counts) as (keyof typeof counts)[]) {
      print(`${String(counts[name]).padStart(7)}  ${name}`);
    }
    print(`${String(tokens).padStart(7)}  tokens at the command line`);
    print(`Series ${seed}, ${cpuSeconds.toFixed(1)} s of CPU.`);
    print(faults.length > 0 ? faults.join('\n') : 'Nothing was mixed up.');
  }
  process.exitCode = faults.length > 0 ? 1 : 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await playAll();
