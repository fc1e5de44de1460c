import fc from 'fast-check';
import type { AppProcess, Memory } from './app-process.ts';
import { type Counts, createCounts } from './counts.ts';
import type { FuzzLab } from './fuzz-lab.ts';
import { inspect } from './inspect.ts';
import { type FuzzRequest, requestBytes } from './request.ts';
import { requestsFor } from './requests.ts';
import { createWire, type Outcome, type Wire } from './wire.ts';

export interface FuzzPlay {
  readonly requests: number;
  readonly seed: number;
  /** Default 30 s; a busy machine is no hang. */
  readonly boundMs?: number;
  /** How many findings are enough. Default 1. */
  readonly enough?: number;
  readonly tell?: (line: string) => void;
}

/** A request that was not answered as it must be. */
export interface Finding {
  readonly what: readonly string[];
  readonly request: FuzzRequest;
  /** Number of the request in the series, from 0. */
  readonly index: number;
}

export interface FuzzResult {
  readonly played: number;
  readonly seconds: number;
  readonly counts: Counts;
  readonly findings: readonly Finding[];
  readonly memory: { readonly warm: Memory; readonly end: Memory; readonly requestsBetween: number };
}

const CONNECTIONS = 16;
/** Requests are drawn and played in blocks of so many. */
const BLOCK = 250;
/** By then everything is loaded, compiled and cached that ever will be. */
const WARM_SHARE = 0.3;
const BOUND_MS = 30_000;

/** Plays a series of generated requests on a running app. The same seed gives the same requests. */
export async function playFuzz(lab: FuzzLab, app: AppProcess, play: FuzzPlay): Promise<FuzzResult> {
  const { requests, seed, boundMs = BOUND_MS, enough = 1, tell = () => {} } = play;
  const wires = Array.from({ length: CONNECTIONS }, () => createWire({ port: app.port, boundMs }));
  const arbitrary = requestsFor(lab, app);
  const counts = createCounts();
  const findings: Finding[] = [];
  const began = performance.now();
  const blocks = Math.ceil(requests / BLOCK);
  const warmAfter = Math.max(1, Math.round(blocks * WARM_SHARE));
  let warm: { readonly memory: Memory; readonly played: number } | undefined;
  let played = 0;
  for (let block = 0; block < blocks && findings.length < enough; block++) {
    if (block === warmAfter) warm = { memory: await app.memory(), played };
    const numRuns = Math.min(BLOCK, requests - played);
    const drawn = fc.sample(arbitrary, { seed: seedOf(seed, block), numRuns });
    const queue = drawn.entries();
    const work = async (wire: Wire): Promise<void> => {
      for (const [at, request] of queue) {
        const { outcome, what } = await ask(lab, request, wire);
        counts.add(request, outcome);
        if (what.length > 0) findings.push({ what, request, index: block * BLOCK + at });
      }
    };
    await Promise.all(wires.map(work));
    played += numRuns;
    if (block % 40 === 39) tell(`${played} requests, ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  const end = await app.memory();
  const seconds = (performance.now() - began) / 1000;
  for (const wire of wires) wire.close();
  // Answers come in any order; the series has one.
  findings.sort((left, right) => left.index - right.index);
  const memory = { warm: warm?.memory ?? end, end, requestsBetween: played - (warm?.played ?? played) };
  return { played, seconds, counts, findings, memory };
}

/** Where fast-check finds a request of a series again. */
export function placeOf(seed: number, index: number): { readonly seed: number; readonly path: string } {
  return { seed: seedOf(seed, Math.floor(index / BLOCK)), path: String(index % BLOCK) };
}

const seedOf = (seed: number, block: number): number => (seed * 1_000_003 + block) | 0;

/** Sends one request and judges the answer. */
export async function ask(
  { oracle, pool }: FuzzLab,
  request: FuzzRequest,
  wire: Wire,
): Promise<{ readonly outcome: Outcome; readonly what: readonly string[] }> {
  const expected = oracle(request);
  const outcome = await wire.send(requestBytes(request, pool), request.method, expected.hostMayRefuse);
  return { outcome, what: inspect(request, outcome, { expected, pool }) };
}
