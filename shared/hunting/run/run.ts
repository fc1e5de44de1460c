import { randomUUID } from 'node:crypto';
import { isOutriderError, OutriderError } from '../../errors.ts';
import { withFields } from '../../log.ts';
import type { Tenant } from '../../tenant.ts';
import type { RunDependencies } from './dependencies.ts';
import { giveUp } from './execute.ts';
import { finishRun } from './finish.ts';
import { keepLease, LEASE_MS } from './lease.ts';
import { type HuntMessage, huntMessage, readHuntMessage } from './message.ts';
import { isFinal, type RunRecord } from './record.ts';
import { openRun, type RunSession } from './run-session.ts';
import { failureOf } from './trouble.ts';
import { truncationOf } from './truncation.ts';
import { runTurn } from './turn.ts';
import type { FinalState } from './types.ts';

/** What became of one message. */
export type HuntOutcome =
  | FinalState
  /** It goes on in a message that was sent. */
  | 'more'
  | 'throttled'
  /** Another holder has it: looked at again later. */
  | 'busy'
  /** Nothing to do: ended before, in other hands, an older turn, never stored, or no message of ours. */
  | 'ended'
  | 'fenced'
  | 'stale'
  | 'missing'
  | 'foreign';

/** A run that was begun so often without getting on ends as failed: it would take down one instance after another. */
const MOST_ATTEMPTS = 4;
/**
 * The message is sent before the row is written: for so long a run that is not there may still come. Storage is given a
 * minute to take the message, and another to take the row; the rest is for clocks that differ.
 */
const MAY_COME_MS = 3 * 60_000;
const LOOK_AGAIN_MS = 3_000;

/**
 * One message of the hunting queue: takes the run up, reads what there is time for, and ends it or hands it on. The
 * trouble of a service is the run's state; only our own is thrown, for the queue to try again.
 *
 * @throws OutriderError `storage.*`, `internal`, `aborted`
 */
export async function runHunt(
  dependencies: RunDependencies,
  message: unknown,
  signal?: AbortSignal | undefined,
): Promise<HuntOutcome> {
  const target = readHuntMessage(message);
  if (!target) {
    dependencies.log.error('hunt.foreign_message');
    return 'foreign';
  }
  const log = withFields(dependencies.log, { tenant: target.tenant, run: target.run });
  try {
    return await take({ ...dependencies, log }, target, signal);
  } catch (error) {
    if (!isOutriderError(error, 'hunt.fenced')) throw error;
    log.info('hunt.fenced');
    return 'fenced';
  }
}

async function take(
  dependencies: RunDependencies,
  target: HuntMessage,
  signal: AbortSignal | undefined,
): Promise<HuntOutcome> {
  const { clock, log, newHolder = randomUUID } = dependencies;
  const holder = newHolder();
  const session = await openRun(dependencies, target.tenant, target.run, holder);
  if (!session) return comeBack(dependencies, target);
  const { record } = session;
  if (isFinal(record.state)) return 'ended';
  if (target.turn < record.turn) return 'stale';
  const waitMs = notBefore(record) - clock.now();
  if (waitMs > 0) {
    await lookAgain(dependencies, target, waitMs);
    return 'busy';
  }
  const tenant = await dependencies.tenants.get(target.tenant);
  const refusal = whyNot(record, tenant, clock.now());
  if (refusal) return refuse(dependencies, session, refusal);
  if (!tenant) return 'ended';
  const now = clock.now();
  await session.commit({
    state: 'running',
    turn: target.turn,
    attempts: record.attempts + 1,
    beganMs: record.beganMs ?? now,
    waitsUntilMs: undefined,
    waitsFor: undefined,
    lease: { holder, untilMs: now + LEASE_MS },
  });
  warnOfRetirement(dependencies, tenant);
  log.info('hunt.begun', { turn: target.turn, origin: record.origin, attempt: record.attempts + 1 });
  return keepLease({ session, clock, holder, signal }, (stopped) =>
    runTurn(dependencies, { tenant, session, holder, signal: stopped }),
  );
}

/** Ends a run that is not taken up: as far as it came, where its slices show what is missing. */
async function refuse(
  dependencies: RunDependencies,
  session: RunSession,
  refusal: OutriderError,
): Promise<HuntOutcome> {
  const state = { progress: await session.progress() };
  if (state.progress.parts.length === 0) {
    return finishRun(dependencies, session, { state: 'failed', failure: failureOf(refusal) });
  }
  giveUp(state, refusal.message);
  const { progress } = state;
  const { check } = await session.input();
  return finishRun(dependencies, session, {
    state: 'truncated',
    rows: session.record.rows,
    bytes: session.record.bytes,
    ...(progress.cut ? { truncation: truncationOf(progress.cut, check.slicing) } : {}),
    progress,
  });
}

/** When the run may be taken up: after another's lease, and after what it waits for. */
function notBefore({ lease, waitsUntilMs = 0 }: RunRecord): number {
  return Math.max(lease?.untilMs ?? 0, waitsUntilMs);
}

function whyNot(record: RunRecord, tenant: Tenant | undefined, nowMs: number): OutriderError | undefined {
  const facts = { tenant: record.tenant };
  if (!tenant) {
    return new OutriderError(
      'tenant.unknown',
      `Tenant ${record.tenant} is no longer one of this deployment.`,
      facts,
    );
  }
  if (!tenant.enabled) {
    return new OutriderError('tenant.disabled', `Tenant ${record.tenant} is not in service any more.`, facts);
  }
  if (record.attempts >= MOST_ATTEMPTS) {
    return new OutriderError(
      'hunt.abandoned',
      `The run was begun ${record.attempts} times and each time its instance died. Narrow the query; the log has the run's events.`,
      facts,
    );
  }
  if (nowMs > record.expiresMs) {
    return new OutriderError(
      'hunt.expired',
      `The run could not be done in time: the hunting quota of tenant ${record.tenant} was used up, or Outrider was away. Ask again.`,
      facts,
    );
  }
  return undefined;
}

/** A run whose row is not there was never stored, or will be in a moment. */
async function comeBack(dependencies: RunDependencies, target: HuntMessage): Promise<HuntOutcome> {
  if (dependencies.clock.now() - target.requestedMs < MAY_COME_MS)
    await lookAgain(dependencies, target, LOOK_AGAIN_MS);
  else dependencies.log.warn('hunt.never_stored');
  return 'missing';
}

async function lookAgain({ queue }: RunDependencies, target: HuntMessage, waitMs: number): Promise<void> {
  await queue.send(huntMessage(target), { delaySeconds: Math.ceil(waitMs / 1000) + 1 });
}

function warnOfRetirement({ sourceFor, log }: RunDependencies, tenant: Tenant): void {
  const { retiresOn } = sourceFor(tenant);
  if (retiresOn !== undefined)
    log.warn('hunt.endpoint_retires', { on: retiresOn, instead: 'huntingApi: graph' });
}
