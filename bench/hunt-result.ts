import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { answerOf50Mb } from './hunting/answer.ts';
import type { Reading } from './hunting/process.ts';
import { type Bench, median, type Result } from './measure.ts';

const run = promisify(execFile);
const ROUNDS = 7;
const PROCESS = resolve(import.meta.dirname, 'hunting/process.ts');
const GOAL_MIB = 64;

/** A result of 100,000 rows and 50 MB, from the client to the blob. */
export const huntResult: Bench = {
  name: 'hunt-result',
  async run() {
    const body = Buffer.from([...answerOf50Mb()].join(''));
    const server = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'outrider-hunt-'));
    try {
      const { port } = server.address() as AddressInfo;
      const read = async (kind: 'ours' | 'floor'): Promise<Reading> => {
        const { stdout } = await run(process.execPath, [
          '--expose-gc',
          PROCESS,
          kind,
          String(port),
          join(folder, kind),
        ]);
        return JSON.parse(stdout) as Reading;
      };
      const rounds = { ours: [] as Reading[], floor: [] as Reading[] };
      for (let round = 0; round < ROUNDS; round += 1) {
        rounds.floor.push(await read('floor'));
        rounds.ours.push(await read('ours'));
      }
      return results(rounds, body.length);
    } finally {
      server.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function results({ ours, floor }: Record<'ours' | 'floor', readonly Reading[]>, bytes: number): Result[] {
  const of = (readings: readonly Reading[], what: keyof Reading): number =>
    median(readings.map((reading) => reading[what]));
  const ratio = of(ours, 'cpuMs') / of(floor, 'cpuMs');
  const size = `${of(ours, 'rows')} rows, ${(bytes / 1e6).toFixed(0)} MB`;
  const peak = of(ours, 'peakMiB');
  return [
    {
      what: `a hunting result of ${size}: CPU time`,
      against: `fetch, parse, compress, write: ${of(floor, 'cpuMs').toFixed(0)} ms`,
      goal: '≤ 1.3 ×',
      value: `${of(ours, 'cpuMs').toFixed(0)} ms`,
      ratio,
      met: ratio <= 1.3,
      detail: `medians of ${ROUNDS} fresh processes each, alternating; CPU time of all threads. From start to end ${of(ours, 'ms').toFixed(0)} ms against ${of(floor, 'ms').toFixed(0)} ms: rows are compressed while they arrive.`,
    },
    {
      what: `a hunting result of ${size}: peak memory`,
      against: '',
      goal: `≤ ${GOAL_MIB} MiB above idle`,
      value: `${peak.toFixed(0)} MiB`,
      met: peak <= GOAL_MIB,
      detail: `largest resident size of a fresh process over that before it began (the floor: ${of(floor, 'peakMiB').toFixed(0)} MiB), with Node's own heap settings.`,
    },
  ];
}
