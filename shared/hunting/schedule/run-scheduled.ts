import { randomUUID } from 'node:crypto';
import { isOutriderError } from '../../errors.ts';
import { type Log, withFields } from '../../log.ts';
import { paddedFromMs } from '../../time.ts';
import { openQuerySession, type QuerySession } from '../findings/query-session.ts';
import { cancelRun, supersedeRun } from '../run/end-run.ts';
import { readRunState } from '../run/read.ts';
import { isFinal } from '../run/record.ts';
import { requestHunt } from '../run/request.ts';
import type { ScheduledHuntDependencies, Subject } from './dependencies.ts';
import { isFor, isScheduled } from './enqueue.ts';
import { failingWith } from './failing.ts';
import { readScheduledHunt, type ScheduledHunt } from './message.ts';
import type { PreparedQuery } from './prepare.ts';
import { runSpan, watermarkOf } from './run-span.ts';
import { settleRun } from './settle.ts';

/** What became of one message. */
export type ScheduledOutcome =
  /** A run was asked for; its findings are stored when it ends. */
  | 'requested'
  /** The query cannot be run: its state says why. */
  | 'refused'
  /** Its last run is under way: what is due is looked at by the next one. */
  | 'busy'
  /** This due time, or a later one, was dealt with. */
  | 'stale'
  /** No query, tenant or schedule of this deployment any more. */
  | 'notScheduled'
  | 'foreign';

/** Who asked, in the runs of schedules. */
const SCHEDULE = 'schedule';
const FENCED_TRIES = 4;
/** Runs end within six hours of being asked for; one whose messages were lost never does, and must not stop the query. */
const GIVEN_UP_MS = 8 * 3_600_000;

/**
 * One message of the queue of scheduled hunts: settles the query's last run, checks the query and asks for a run over
 * all that was not looked at yet. However often a message comes, one run is waited for.
 *
 * @throws OutriderError `storage.*`, `hunt.fenced`, `sync.fenced`, `internal`: our own trouble, to be tried again
 */
export async function runScheduledHunt(
  dependencies: ScheduledHuntDependencies,
  message: unknown,
): Promise<ScheduledOutcome> {
  const due = readScheduledHunt(message);
  if (!due) {
    dependencies.log.error('hunt.foreign_message');
    return 'foreign';
  }
  const log = withFields(dependencies.log, { tenant: due.tenant, query: due.queryId });
  const query = (await dependencies.queries()).find(({ id }) => id === due.queryId);
  const tenant = await dependencies.tenants.get(due.tenant);
  if (!query || !isScheduled(query) || !tenant?.enabled || !isFor(query, tenant)) {
    log.warn('hunt.not_scheduled');
    return 'notScheduled';
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await takeDue({ ...dependencies, log }, { tenant, query }, due);
    } catch (error) {
      if (!isOutriderError(error, 'hunt.fenced') || attempt === FENCED_TRIES) throw error;
    }
  }
}

async function takeDue(
  dependencies: ScheduledHuntDependencies,
  subject: Subject,
  { dueMs }: ScheduledHunt,
): Promise<ScheduledOutcome> {
  const { clock, findings, log, newHolder = randomUUID } = dependencies;
  const { tenant, query } = subject;
  const session = await openQuerySession({
    table: findings.table,
    tenant: tenant.id,
    queryId: query.id,
    holder: newHolder(),
  });
  const { dueMs: doneMs = Number.NEGATIVE_INFINITY } = session.state;
  if (doneMs >= dueMs) {
    // The delivery before may have died before it looked.
    if (doneMs === dueMs) await settleLast(dependencies, session, subject);
    return 'stale';
  }
  const last = await settleLast(dependencies, session, subject);
  if (last === 'underWay') return 'busy';
  let prepared: PreparedQuery;
  try {
    prepared = await dependencies.prepare(query);
  } catch (error) {
    if (!isOutriderError(error, 'hunt.query_invalid', 'hunt.parameter_invalid')) throw error;
    const failing = failingWith(session.state, error, clock.now());
    await session.commit({ dueMs, failing, watermarkMs: watermarkOf(session.state, query, clock.now()) });
    log.warn('hunt.schedule_failing', { code: error.code });
    return 'refused';
  }
  const run = await request(dependencies, session, subject, { dueMs, prepared });
  if (last !== 'over') await supersedeRun(dependencies, { tenant: tenant.id, run: last.waits, by: run });
  // It may have ended before the state named it; whoever ended it did not know that its findings are waited for.
  await settleLast(dependencies, session, subject);
  return 'requested';
}

/**
 * The run before: one that ended is settled. One that has not begun makes room for the new one, which looks at its span,
 * too. One under way is left to end: were it replaced, a query that takes longer than its period would never end.
 */
async function settleLast(
  dependencies: ScheduledHuntDependencies,
  session: QuerySession,
  subject: Subject,
): Promise<'over' | 'underWay' | { readonly waits: string }> {
  const { active } = session.state;
  if (!active) return 'over';
  const last = await readRunState(dependencies, { tenant: subject.tenant.id, run: active.run });
  if (!last) return 'over';
  if (!isFinal(last.state)) {
    const dead = dependencies.clock.now() - last.requestedMs > GIVEN_UP_MS;
    return dead || last.beganMs === undefined ? { waits: last.id } : 'underWay';
  }
  await settleRun(dependencies, session, subject, last);
  return 'over';
}

async function request(
  dependencies: ScheduledHuntDependencies,
  session: QuerySession,
  { tenant, query }: Subject,
  { dueMs, prepared }: { readonly dueMs: number; readonly prepared: PreparedQuery },
): Promise<string> {
  const { clock, log } = dependencies;
  const nowMs = clock.now();
  const { lookbackMinutes } = query.schedule;
  const { fromMs, toMs, gap } = runSpan({ watermarkMs: session.state.watermarkMs, lookbackMinutes, nowMs });
  const { id: run } = await requestHunt(dependencies, {
    tenant: tenant.id,
    text: prepared.text,
    check: prepared.check,
    origin: 'scheduled',
    askedBy: SCHEDULE,
    query: { id: query.id, version: query.version },
    timespan: `${paddedFromMs(fromMs)}/${paddedFromMs(toMs)}`,
  });
  try {
    const active = { run, dueMs, fromMs, toMs };
    const watermarkMs = watermarkOf(session.state, query, nowMs);
    await session.commit({ dueMs, active, watermarkMs, ...(gap ? { gap: { ...gap, atMs: nowMs } } : {}) });
  } catch (error) {
    if (isOutriderError(error, 'hunt.fenced')) await drop(dependencies, tenant.id, run);
    throw error;
  }
  if (gap) log.warn('hunt.gap', { fromMs: gap.fromMs, toMs: gap.toMs });
  log.info('hunt.scheduled', { run, dueMs, minutes: Math.round((toMs - fromMs) / 60_000) });
  return run;
}

/** Nobody waits for this run: another delivery of the message was first. */
async function drop(
  dependencies: ScheduledHuntDependencies & { readonly log: Log },
  tenant: string,
  run: string,
): Promise<void> {
  await cancelRun(dependencies, { tenant, run, by: SCHEDULE });
}
