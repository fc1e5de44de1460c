import fc from 'fast-check';
import type { AppProcess, Memory } from './app-process.ts';
import { type Counts, createCounts } from './counts.ts';
import type { FuzzLab } from './fuzz-lab.ts';
import { inspect } from './inspect.ts';
import { curlLine, type FuzzRequest, requestBytes } from './request.ts';
import { fuzzRequests } from './requests.ts';
import { createWire, type Outcome, type Wire } from './wire.ts';

export interface FuzzPlay {
  readonly requests: number;
  readonly seed: number;
  /** Default 30 s; a busy machine is no hang. */
  readonly boundMs?: number;
  /** How many findings are enough. Default 1: the first is shrunk. */
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
  /** The first finding for people: seed, curl line, and the same made as small as can be. */
  readonly report: string | undefined;
}

const CONNECTIONS = 16;
/** Requests are drawn and played in blocks of so many. */
const BLOCK = 500;
/** By then everything is loaded, compiled and cached that ever will be. */
const WARM_SHARE = 0.3;
const BOUND_MS = 30_000;
const SHRINK_MS = 60_000;
const MOST_SHRUNK = 400;

/** Plays a series of generated requests on a running app. The same seed gives the same requests. */
export async function playFuzz(lab: FuzzLab, app: AppProcess, play: FuzzPlay): Promise<FuzzResult> {
  const { requests, seed, boundMs = BOUND_MS, enough = 1, tell = () => {} } = play;
  const wires = Array.from({ length: CONNECTIONS }, () => createWire({ port: app.port, boundMs }));
  const arbitrary = fuzzRequests({ facts: lab.facts, pool: lab.pool, host: `127.0.0.1:${app.port}` });
  const counts = createCounts();
  const findings: Finding[] = [];
  const began = performance.now();
  const blocks = Math.ceil(requests / BLOCK);
  const warmAfter = Math.max(1, Math.round(blocks * WARM_SHARE));
  let warm: Memory | undefined;
  let played = 0;
  for (let block = 0; block < blocks && findings.length < enough; block++) {
    if (block === warmAfter) warm = await app.memory();
    const numRuns = Math.min(BLOCK, requests - played);
    const drawn = fc.sample(arbitrary, { seed: seedOf(seed, block), numRuns });
    await playBlock(drawn, async (request, wire, at) => {
      const { outcome, what } = await ask(lab, request, wire);
      counts.add(request, outcome);
      if (what.length > 0) findings.push({ what, request, index: block * BLOCK + at });
    });
    played += numRuns;
    if (block % 20 === 19) tell(`${played} requests, ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  const end = await app.memory();
  const seconds = (performance.now() - began) / 1000;
  const report = findings[0] && (await reportOf(findings[0]));
  for (const wire of wires) wire.close();
  const between = { warm: warm ?? end, end, requestsBetween: played - warmAfter * BLOCK };
  return { played, seconds, counts, findings, memory: between, report };

  async function playBlock(
    drawn: readonly FuzzRequest[],
    each: (request: FuzzRequest, wire: Wire, at: number) => Promise<void>,
  ): Promise<void> {
    let next = 0;
    const work = async (wire: Wire): Promise<void> => {
      for (let at = next++; at < drawn.length; at = next++) await each(drawn[at] as FuzzRequest, wire, at);
    };
    await Promise.all(wires.map(work));
  }

  async function reportOf({ what, request, index }: Finding): Promise<string> {
    const url = `http://127.0.0.1:${app.port}`;
    const shrunk = await shrink(index);
    return [
      `Request ${index} of series ${seed}`,
      ...what.map((each) => `  ${each}`),
      curlLine(request, url),
      shrunk === undefined ? 'Alone it is answered as it must be.' : 'As small as can be:',
      ...(shrunk ? [...shrunk.what.map((each) => `  ${each}`), curlLine(shrunk.request, url)] : []),
      ...(app.errors.length > 0 ? ['Last errors of the app:', ...app.errors.slice(-3)] : []),
    ].join('\n');
  }

  /** fast-check draws the same request again, and makes it smaller for as long as something is wrong with it. */
  async function shrink(index: number): Promise<Omit<Finding, 'index'> | undefined> {
    const wire = createWire({ port: app.port, boundMs });
    let smallest: Omit<Finding, 'index'> | undefined;
    let tries = 0;
    const goesWell = fc.asyncProperty(arbitrary, async (request) => {
      if (tries++ > MOST_SHRUNK) return true;
      const { what } = await ask(lab, request, wire);
      if (what.length > 0) smallest = { what, request };
      return what.length === 0;
    });
    await fc.check(goesWell, {
      seed: seedOf(seed, Math.floor(index / BLOCK)),
      path: String(index % BLOCK),
      numRuns: 1,
      interruptAfterTimeLimit: SHRINK_MS,
    });
    wire.close();
    return smallest;
  }
}

const seedOf = (seed: number, block: number): number => (seed * 1_000_003 + block) | 0;

async function ask(
  { oracle, pool }: FuzzLab,
  request: FuzzRequest,
  wire: Wire,
): Promise<{ readonly outcome: Outcome; readonly what: readonly string[] }> {
  const expected = oracle(request);
  const outcome = await wire.send(requestBytes(request, pool), request.method);
  return { outcome, what: inspect(request, outcome, { expected, pool }) };
}
