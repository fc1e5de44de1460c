import { randomUUID } from 'node:crypto';
import { isOutriderError } from '../../errors.ts';
import { withFields } from '../../log.ts';
import { identityOf } from '../findings/identity.ts';
import { openQuerySession, type QuerySession } from '../findings/query-session.ts';
import type { ActiveRun, LastRun, QueryState } from '../findings/query-state.ts';
import { type Stored, storeFindings } from '../findings/store-findings.ts';
import { sweepFindings } from '../findings/sweep-findings.ts';
import { readHuntMessage } from '../run/message.ts';
import { readRows, readRun, readRunState } from '../run/read.ts';
import { isFinal } from '../run/record.ts';
import type { FinalState, HuntRun } from '../run/types.ts';
import type { ScheduledHuntDependencies, Subject } from './dependencies.ts';
import { isFor, isScheduled } from './enqueue.ts';
import { failingWith } from './failing.ts';
import { isForGood, troubleOf } from './run-trouble.ts';

/** `none`: no scheduled run, not over yet, or not the one whose findings are waited for. */
export type SettleOutcome = 'settled' | 'none';

const FENCED_TRIES = 4;
const NOTHING: Stored = { announced: 0, learned: 0, seenAgain: 0 };

/**
 * For whoever runs the messages of the hunting queue, after each message that left its run ended: a scheduled run's
 * findings are stored before the message is done. If that fails the message comes again, finds the run ended, and
 * this is tried again; should it never succeed, the query's next due time does it.
 *
 * @throws OutriderError `storage.*`, `hunt.fenced`, `sync.fenced`: to be tried again
 */
export async function settleHuntMessage(
  dependencies: ScheduledHuntDependencies,
  message: unknown,
): Promise<SettleOutcome> {
  const target = readHuntMessage(message);
  return target ? settleEnded(dependencies, target) : 'none';
}

/** The same for whoever ended a run otherwise, or found it ended. Errors as `settleHuntMessage`. */
export async function settleEnded(
  dependencies: ScheduledHuntDependencies,
  target: { readonly tenant: string; readonly run: string },
): Promise<SettleOutcome> {
  const ended = await readRunState(dependencies, target);
  if (ended?.origin !== 'scheduled' || !ended.query || !isFinal(ended.state)) return 'none';
  const query = (await dependencies.queries()).find(({ id }) => id === ended.query?.id);
  const tenant = await dependencies.tenants.get(ended.tenant);
  // What is no longer scheduled here is no longer looked at.
  if (!query || !tenant || !isScheduled(query) || !isFor(query, tenant)) return 'none';
  for (let attempt = 1; ; attempt += 1) {
    const session = await openQuerySession({
      table: dependencies.findings.table,
      tenant: tenant.id,
      queryId: query.id,
      holder: dependencies.newHolder?.() ?? randomUUID(),
    });
    if (session.state.active?.run !== ended.id) return 'none';
    try {
      await settleRun(dependencies, session, { tenant, query }, ended);
      return 'settled';
    } catch (error) {
      if (!isOutriderError(error, 'hunt.fenced') || attempt === FENCED_TRIES) throw error;
    }
  }
}

/**
 * Stores what a run that ended brought, and only then moves the watermark: if it succeeded whole. The findings of a
 * truncated one are stored, and its span is looked at again; a failed one leaves everything as it was.
 *
 * @param ended the session's active run, ended
 */
export async function settleRun(
  dependencies: ScheduledHuntDependencies,
  session: QuerySession,
  { tenant, query }: Subject,
  ended: HuntRun,
): Promise<void> {
  const { active } = session.state;
  if (active?.run !== ended.id || !isFinal(ended.state)) return;
  const log = withFields(dependencies.log, { tenant: tenant.id, query: query.id, run: ended.id });
  const nowMs = dependencies.clock.now();
  const trouble = troubleOf(ended);
  if (ended.state !== 'succeeded' && ended.state !== 'truncated') {
    const failing = trouble ? { failing: failingWith(session.state, trouble, nowMs, ended.id) } : {};
    await session.commit({ active: undefined, lastRun: lastRun(active, ended, NOTHING, false), ...failing });
    if (trouble) log.warn('hunt.schedule_failing', { code: trouble.code });
    return;
  }
  try {
    const found = await storeOf(dependencies, session, { tenant, query }, ended, active);
    const whole = trouble === undefined;
    if (whole) await sweep(dependencies, session, { tenant, query }, active);
    await session.commit({
      active: undefined,
      lastRun: lastRun(active, ended, found.stored, found.triggered),
      ...afterLearning(session.state, found, whole, nowMs),
      ...(whole
        ? {
            watermarkMs: Math.max(session.state.watermarkMs ?? 0, active.toMs),
            lastSuccessMs: nowMs,
            failing: undefined,
          }
        : { failing: failingWith(session.state, trouble, nowMs, ended.id) }),
    });
    log.info('findings.stored', { ...found.stored, rows: ended.rows, whole, triggered: found.triggered });
    if (trouble) log.warn('hunt.schedule_failing', { code: trouble.code });
  } catch (error) {
    if (!isForGood(error)) throw error;
    const failing = failingWith(session.state, error, nowMs, ended.id);
    await session.commit({ active: undefined, failing, lastRun: lastRun(active, ended, NOTHING, true) });
    log.warn('hunt.schedule_failing', { code: error.code });
  }
}

interface Found {
  readonly stored: Stored;
  readonly triggered: boolean;
  /** How these findings were told apart; undefined where there were none to tell. */
  readonly identity?: string | undefined;
  readonly learning?: NonNullable<QueryState['learned']>['why'] | undefined;
}

async function storeOf(
  dependencies: ScheduledHuntDependencies,
  session: QuerySession,
  { tenant, query }: Subject,
  ended: HuntRun,
  { toMs }: ActiveRun,
): Promise<Found> {
  const triggered = isTriggered(query.trigger, ended.rows);
  const why = { tenant: tenant.id, run: ended.id };
  if (!triggered || ended.rows === 0)
    return { stored: NOTHING, triggered, learning: learnsFirst(session.state, query) };
  const details = await readRun(dependencies, why);
  const identity = identityOf(query, details?.columns ?? []);
  const learning = learnsFirst(session.state, query) ?? learnsAnew(session.state, identity.definition);
  const stored = await storeFindings(dependencies.findings, session, {
    tenant,
    query,
    run: ended.id,
    seenMs: toMs,
    nowMs: dependencies.clock.now(),
    identity,
    learning: learning !== undefined,
    rows: () => readRows(dependencies, why),
  });
  return { stored, triggered, identity: identity.definition, learning };
}

/** Until a run succeeded whole: what a truncated one did not show would else be announced by the next. */
function learnsFirst({ lastSuccessMs }: QueryState, { schedule }: Subject['query']): 'firstRun' | undefined {
  return schedule.learnSilently && lastSuccessMs === undefined ? 'firstRun' : undefined;
}

/** Told apart in another way, all that is known would be announced once more. */
function learnsAnew({ identity }: QueryState, definition: string | undefined): 'identityChanged' | undefined {
  return identity !== undefined && definition !== undefined && identity !== definition
    ? 'identityChanged'
    : undefined;
}

function afterLearning(
  state: QueryState,
  { identity, learning }: Found,
  whole: boolean,
  nowMs: number,
): Partial<QueryState> {
  if (learning === undefined) return identity === undefined ? {} : { identity };
  const learned = { learned: { atMs: nowMs, why: learning } };
  return whole ? { ...learned, identity: identity ?? state.identity } : learned;
}

async function sweep(
  { findings, clock }: ScheduledHuntDependencies,
  session: QuerySession,
  { tenant, query }: Subject,
  { toMs }: ActiveRun,
): Promise<void> {
  const { open, ended } = session.state.counts;
  if (open + ended === 0) return;
  const { endsAfterDays } = query.schedule;
  await sweepFindings(findings, session, { tenant, endsAfterDays, seenMs: toMs, nowMs: clock.now() });
}

function isTriggered({ operator, threshold }: Subject['query']['trigger'], rows: number): boolean {
  switch (operator) {
    case 'gt':
      return rows > threshold;
    case 'lt':
      return rows < threshold;
    case 'eq':
      return rows === threshold;
    case 'ne':
      return rows !== threshold;
  }
}

function lastRun(active: ActiveRun, ended: HuntRun, stored: Stored, triggered: boolean): LastRun {
  const { state, endedMs = active.toMs, rows } = ended;
  return { ...active, state: state as FinalState, endedMs, rows, ...stored, triggered };
}
