import { isOutriderError, type OutriderError } from '../../errors.ts';
import type { Tenant } from '../../tenant.ts';
import type { RunDependencies } from './dependencies.ts';
import { type Execution, readResult } from './execute.ts';
import { finishRun } from './finish.ts';
import { huntMessage } from './message.ts';
import { createResult } from './result.ts';
import type { HuntOutcome } from './run.ts';
import type { RunSession } from './run-session.ts';
import { failureOf, verdictOn } from './trouble.ts';
import { truncationOf } from './truncation.ts';

/** No slice is begun after this; the last one may take three minutes and a half, and a function ten. */
const BUDGET_MS = 4 * 60_000;
/** Slices that are done are stored at least so often. */
const CHECKPOINT_MS = 60_000;
/** Waits for quota up to this are waited out; for longer ones the run is put aside. */
const SHORT_WAIT_MS = 20_000;
const MOST_RETRIES = 4;
const FIRST_RETRY_MS = 20_000;
/** The next turn's message is there once its row is written: who takes it before would wait for the end of the lease. */
const HAND_ON_MS = 1_000;
/** Waits begin a little apart: what waits for the same quarter of an hour need not strike at once. */
const SPREAD_MS = 15_000;

interface Turn {
  readonly tenant: Tenant;
  readonly session: RunSession;
  readonly holder: string;
  readonly signal: AbortSignal;
}

/** Reads slices until the run ends, the budget does, or something is in the way. */
export async function runTurn(dependencies: RunDependencies, turn: Turn): Promise<HuntOutcome> {
  const execution = await executionOf(dependencies, turn);
  const { session } = turn;
  for (let refused = 0; ; refused += 1) {
    try {
      const step = await readResult(execution);
      return step === 'done'
        ? await end(dependencies, session, execution)
        : await goOn(dependencies, turn, execution);
    } catch (error) {
      if (await parked(dependencies, turn, error, refused)) continue;
      const verdict = verdictOn(error);
      switch (verdict.kind) {
        case 'throw':
          throw error;
        case 'fail':
          return fail(dependencies, session, execution, verdict.error);
        case 'wait':
          return putAside(dependencies, turn, execution, { ...verdict, retries: 0 });
        case 'retry':
          return tryLater(dependencies, turn, execution, verdict.error);
      }
    }
  }
}

interface Running extends Execution {
  readonly figures: { calls: number; received: number };
  /** What was done before this turn. */
  readonly slicesBefore: number;
}

async function executionOf(dependencies: RunDependencies, turn: Turn): Promise<Running> {
  const { clock, quota, blobs, budgetMs = BUDGET_MS } = dependencies;
  const { session, holder, signal, tenant } = turn;
  const began = clock.now();
  const input = await session.input();
  const progress = await session.progress();
  const result = createResult({ blobs, run: session.record.id, holder, parts: progress.parts });
  const figures = { calls: session.record.calls, received: session.record.received };
  let stored = began;
  const execution: Running = {
    tenant: tenant.id,
    source: dependencies.sourceFor(tenant),
    clock,
    input,
    result,
    signal,
    beganMs: session.record.beganMs ?? began,
    progress,
    figures,
    slicesBefore: progress.slices.length,
    turn: () =>
      quota.take({ tenant: tenant.id, origin: session.record.origin, maxWaitMs: SHORT_WAIT_MS, signal }),
    onCall: () => {
      figures.calls += 1;
    },
    onReceived: (bytes) => {
      figures.received += bytes;
    },
    overBudget: () => clock.now() - began > budgetMs,
    async afterSlice() {
      const unfinished = (execution.progress.pending?.length ?? 0) > 0;
      if (!unfinished || (clock.now() - stored < CHECKPOINT_MS && !result.isLarge())) return;
      execution.progress = await result.close(execution.progress);
      await session.commit({ ...sizeOf(execution), attempts: 0, retries: 0 }, execution.progress);
      stored = clock.now();
    },
  };
  return execution;
}

/** True when the service itself refused for its quota: all instances are told, and the turn waits or goes on later. */
async function parked(
  { quota, clock }: RunDependencies,
  { tenant }: Turn,
  error: unknown,
  refused: number,
): Promise<boolean> {
  if (!isOutriderError(error, 'hunt.cpu_quota', 'hunt.call_quota') || error.facts.status !== 429)
    return false;
  const waitMs = error.facts.retryAfterMs ?? 0;
  const why = error.code === 'hunt.cpu_quota' ? 'cpu' : 'calls';
  await quota.park(tenant.id, why, clock.now() + waitMs);
  return waitMs <= SHORT_WAIT_MS && refused < MOST_RETRIES;
}

async function end(
  dependencies: RunDependencies,
  session: RunSession,
  execution: Running,
): Promise<HuntOutcome> {
  const progress = await execution.result.finish(execution.progress);
  const { cut } = progress;
  const { slicing } = execution.input.check;
  return finishRun(dependencies, session, {
    state: cut ? 'truncated' : 'succeeded',
    ...sizeOf(execution),
    ...(cut ? { truncation: truncationOf(cut, slicing) } : {}),
    progress,
  });
}

function sizeOf({ result, figures }: Running) {
  return { rows: result.rows(), bytes: result.bytes(), ...figures };
}

function fail(
  dependencies: RunDependencies,
  session: RunSession,
  { figures }: Running,
  error: OutriderError,
): Promise<HuntOutcome> {
  return finishRun(dependencies, session, { state: 'failed', failure: failureOf(error), ...figures });
}

interface Pause {
  readonly waitMs: number;
  readonly why: string;
  readonly retries: number;
}

async function tryLater(
  dependencies: RunDependencies,
  turn: Turn,
  execution: Running,
  error: OutriderError,
): Promise<HuntOutcome> {
  // Tries in a row: a run that gets on meanwhile has all of them again.
  const gotOn = execution.progress.slices.length > execution.slicesBefore;
  const retries = gotOn ? 1 : turn.session.record.retries + 1;
  if (retries > MOST_RETRIES) {
    return fail(dependencies, turn.session, execution, error);
  }
  dependencies.log.warn('hunt.retry', { code: error.code, text: error.message, retries });
  const backoff = FIRST_RETRY_MS * 2 ** (retries - 1);
  const waitMs = Math.max(backoff, error.facts.retryAfterMs ?? 0);
  return putAside(dependencies, turn, execution, { waitMs, why: `another try (${error.code})`, retries });
}

async function putAside(
  dependencies: RunDependencies,
  turn: Turn,
  execution: Running,
  { waitMs, why, retries }: Pause,
): Promise<HuntOutcome> {
  const { clock } = dependencies;
  const untilMs = clock.now() + waitMs + Math.round(clock.random() * Math.min(SPREAD_MS, waitMs));
  await handOn(dependencies, turn, execution, untilMs, {
    state: 'throttled',
    waitsUntilMs: untilMs,
    waitsFor: why,
    retries,
  });
  return 'throttled';
}

async function goOn(dependencies: RunDependencies, turn: Turn, execution: Running): Promise<HuntOutcome> {
  await handOn(dependencies, turn, execution, dependencies.clock.now() + HAND_ON_MS, {
    state: 'running',
    retries: 0,
  });
  return 'more';
}

/** Sends the next turn's message first: whatever dies in between, there is one. */
async function handOn(
  { queue, clock, log }: RunDependencies,
  { session }: Turn,
  execution: Running,
  untilMs: number,
  patch: Parameters<RunSession['commit']>[0],
): Promise<void> {
  const progress = await execution.result.close(execution.progress);
  const { id: run, tenant, requestedMs } = session.record;
  const turn = session.record.turn + 1;
  const delayMs = Math.max(0, untilMs - clock.now());
  await queue.send(
    huntMessage({ tenant, run, turn, requestedMs }),
    delayMs > 0 ? { delaySeconds: Math.ceil(delayMs / 1000) } : {},
  );
  await session.commit({ ...patch, turn, ...sizeOf(execution), attempts: 0, lease: undefined }, progress);
  const { rows, waitsFor } = session.record;
  log.info('hunt.handed_on', { turn, rows, slices: progress.slices.length, waitsFor });
}
