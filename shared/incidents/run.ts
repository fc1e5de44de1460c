import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { createTurns, type Turns } from '../concurrency.ts';
import { isOutriderError, type OutriderError, toOutriderError } from '../errors.ts';
import { type Log, withFields } from '../log.ts';
import type { BlobStore, QueueSender, TableStore } from '../storage.ts';
import type { Tenant, TenantDirectory } from '../tenant.ts';
import { tenantMessage } from '../tenant-message.ts';
import { addMs, paddedFromMs } from '../time.ts';
import { readAlerts } from './alerts.ts';
import { readStretches } from './backfill.ts';
import { type Figures, type RunContext, reading } from './context.ts';
import { readHead } from './head.ts';
import { inTurn } from './large-incidents.ts';
import { retryPending } from './pending.ts';
import type { IncidentSource } from './ports.ts';
import { applyRetention } from './retention.ts';
import { openSession, type Session } from './session.ts';
import { type Cursor, lowerBound, newState } from './state.ts';
import { newStretch } from './stretches.ts';
import { startSweep } from './sweep.ts';
import { failed, isUpstreamTrouble, nextAttempt, type Trouble } from './trouble.ts';
import { runUnderWay, whyNot } from './under-way.ts';

/** What the sync is built from. */
export interface SyncDependencies {
  readonly tenants: TenantDirectory;
  readonly sourceFor: (tenant: Tenant) => IncidentSource;
  readonly table: TableStore;
  readonly blobs: BlobStore;
  readonly queue: QueueSender;
  readonly clock: Clock;
  readonly log: Log;
  /** A run stores its cursors and hands on after this long, in milliseconds. Default 90 s. */
  readonly budgetMs?: number;
  /** Shared by the runs of a process: tenants whose incidents are large take turns. Default: of this run alone. */
  readonly largeTurns?: Turns;
  /** Unique id of a run. Default a random UUID. */
  readonly newRunId?: () => string;
}

/** How a run ended. Trouble upstream is an outcome, kept in the tenant's state; only our own faults are thrown. */
export type RunOutcome = 'done' | 'more' | 'failed' | 'waiting' | 'busy' | 'removed' | 'unknownTenant';

const BUDGET_MS = 90_000;
/**
 * A run that has not written for so long counts as dead. Longer than most answers take; a run that is overtaken all
 * the same is stopped by the fence.
 */
const LEASE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
const FENCED_TRIES = 3;

export interface RunOrder {
  readonly tenantId: string;
  readonly signal?: AbortSignal | undefined;
  /**
   * What holds the lease: the id of the queue's message, so that a second try of a message is not kept out by the
   * lease of its first. Default the run itself.
   */
  readonly holder?: string | undefined;
}

/**
 * One bounded run for one tenant: head first, so that data is fresh during a first load; then alerts, what waits to
 * be read again, stretches and sweeps, retention. Ends by storing its cursors, and by a message to itself when
 * there is more to do.
 *
 * @throws OutriderError `storage.*` or `internal`: our own trouble, for the queue to retry
 */
export async function runSync(
  dependencies: SyncDependencies,
  { tenantId, signal, holder }: RunOrder,
): Promise<RunOutcome> {
  const run = dependencies.newRunId?.() ?? randomUUID();
  for (let attempt = 1; ; attempt++) {
    // Anew for each try: what overtook the last one may have been the end of the tenant.
    const tenant = await dependencies.tenants.get(tenantId);
    if (!tenant?.enabled) {
      dependencies.log.warn('sync.unknown_tenant', { tenant: tenantId });
      return 'unknownTenant';
    }
    try {
      return await runOnce(dependencies, tenant, { run, holder: holder ?? run, signal });
    } catch (error) {
      if (isOutriderError(error, 'tenant.disabled', 'tenant.unknown'))
        return leave(dependencies, tenant.id, error);
      if (!isOutriderError(error, 'sync.fenced') || attempt === FENCED_TRIES) throw error;
      dependencies.log.info('sync.fenced', { tenant: tenant.id, attempt });
    }
  }
}

/** The tenant was suspended or removed while it was read: what is stored stays as it is, and nobody tries again. */
function leave({ log }: SyncDependencies, tenant: string, { code }: OutriderError): RunOutcome {
  log.info('sync.left', { tenant, code });
  return 'unknownTenant';
}

interface Attempt {
  readonly run: string;
  readonly holder: string;
  readonly signal: AbortSignal | undefined;
}

async function runOnce(
  dependencies: SyncDependencies,
  tenant: Tenant,
  { run, holder, signal }: Attempt,
): Promise<RunOutcome> {
  const { clock, table, blobs, queue } = dependencies;
  const leaseUntilMs = (): number => clock.now() + LEASE_MS;
  const session = await openSession(
    {
      table,
      blobs,
      tenant: tenant.id,
      generation: tenant.generation,
      run,
      lease: { holder, untilMs: leaseUntilMs },
    },
    newState(clock.now(), tenant.sync),
  );
  const refusal = whyNot(session.memory.state, holder, clock.now());
  if (refusal) return refusal;
  const context = contextOf(dependencies, tenant, session, run, signal);
  // Only spares work: stored with the first rows that the run writes, never for its own sake.
  session.stage({ lease: { run: context.run, holder, untilMs: leaseUntilMs() } });
  const trouble = await work(context);
  const failure = trouble?.error;
  const more = (failure === undefined || trouble?.partial === true) && hasMore(context);
  const fresh = await finish(context, trouble, more);
  report(context, failure, { more, fresh });
  if (failure && !isOutriderError(failure, 'pace.exhausted')) return 'failed';
  const paceMs = failure?.facts.retryAfterMs;
  if (!more && paceMs === undefined) return 'done';
  await queue.send(
    tenantMessage(tenant.id),
    paceMs === undefined ? {} : { delaySeconds: Math.ceil(paceMs / 1000) },
  );
  return 'more';
}

interface Running extends RunContext {
  readonly began: number;
  /** Where head stood when the run began. */
  readonly cursor: Cursor | undefined;
}

function contextOf(
  {
    clock,
    table,
    blobs,
    log,
    sourceFor,
    budgetMs = BUDGET_MS,
    largeTurns = createTurns(1),
  }: SyncDependencies,
  tenant: Tenant,
  session: Session,
  freshId: string,
  signal: AbortSignal | undefined,
): Running {
  const began = clock.now();
  // That of a run that died goes on: whoever asked for it is told of its end, not of its death.
  const run = runUnderWay(session.memory.state, began) ?? freshId;
  const figures: Figures = { calls: 0, bytes: 0, stored: 0, announced: 0, late: 0 };
  return {
    run,
    began,
    cursor: session.memory.state.head,
    tenant,
    session,
    table,
    blobs,
    clock,
    signal,
    figures,
    largeTurns,
    source: sourceFor(tenant),
    log: withFields(log, { tenant: tenant.id, run }),
    readAt: new Map(),
    overBudget: () => clock.now() - began > budgetMs,
  };
}

/** Does what there is to do; returns what upstream refused, if anything. */
async function work(context: Running): Promise<Trouble | undefined> {
  const { session } = context;
  try {
    if (!session.memory.state.head) await addTenant(context);
    const { head } = session.memory.state;
    if (head) await inTurn(context, () => readHead(context, head));
    const refused = await tryAlerts(context);
    await inTurn(context, () => retryPending(context));
    startSweep(context);
    if (await readStretches(context)) await applyRetention(context);
    return refused && { error: refused, partial: true };
  } catch (error) {
    if (isUpstreamTrouble(error)) return { error, partial: false };
    throw error;
  }
}

/** Alerts may be refused (their own app role) where incidents are not: told, but nothing else waits for it. */
async function tryAlerts(context: Running): Promise<OutriderError | undefined> {
  const { alerts } = context.session.memory.state;
  if (!alerts) return undefined;
  try {
    await inTurn(context, () => readAlerts(context, alerts));
    return undefined;
  } catch (error) {
    if (isOutriderError(error, 'upstream.forbidden')) return error;
    throw error;
  }
}

/**
 * Onboarding: the watermark is the service's own time less the overlap, set before anything is loaded; all before
 * it is the first load's.
 */
async function addTenant(context: Running): Promise<void> {
  const { session, source, tenant, clock } = context;
  const window = { from: paddedFromMs(clock.now()) };
  for await (const page of source.incidentPages({ ...reading(context), window, top: 1, withAlerts: false })) {
    const watermark = addMs(page.serviceTime, -session.memory.state.overlapMs);
    const from = addMs(page.serviceTime, -tenant.sync.backfillDays * DAY_MS);
    // Where head begins to read, so that nothing is read as both news and first load.
    const to = lowerBound({ watermark }, session.memory.state.overlapMs);
    session.stage({
      head: { watermark },
      ...(source.alertPages ? { alerts: { watermark } } : {}),
      firstLoad: { from, to },
      stretches: [newStretch('incidents', from, to, false)],
    });
    await session.commit([]);
    return;
  }
}

function hasMore({ session }: Running): boolean {
  const { stretches, retention } = session.memory.state;
  return stretches.length > 0 || retention !== undefined;
}

/** Stores how the run ended; true if the tenant is fresh with it: everything new was read, whatever else failed. */
async function finish(context: Running, trouble: Trouble | undefined, more: boolean): Promise<boolean> {
  const { session, clock, run, figures, began, cursor } = context;
  const { counts, head } = session.memory.state;
  const now = clock.now();
  // A pass that was completed before counts for nothing: the run may have been held back before its own.
  const reachedHead = head?.passBegan !== undefined && head !== cursor;
  const { calls, stored, announced, late } = figures;
  const failure = trouble?.error;
  const pacing = isOutriderError(failure, 'pace.exhausted');
  const fresh = reachedHead && (!failure || pacing || trouble?.partial === true);
  const mended = !failure || (pacing && reachedHead);
  session.stage({
    lease: undefined,
    requested: undefined,
    counts: { ...counts, calls: counts.calls + calls },
    lastRun: { id: run, beganMs: began, endedMs: now, calls, stored, announced, late, more: more || pacing },
    ...(fresh ? { lastSuccessMs: now } : {}),
    ...(failure && !pacing ? failed(session.memory.state, failure, now) : {}),
    ...(mended ? { failure: undefined } : {}),
    nextAttemptMs: nextAttempt(session.memory.state, trouble, now),
  });
  await session.commit([]);
  return fresh;
}

/** The run's figures as one log event: never sampled, no personal data, no metric for each incident. */
function report(
  context: Running,
  failure: OutriderError | undefined,
  outcome: { readonly more: boolean; readonly fresh: boolean },
): void {
  const { log, figures, clock, session, began } = context;
  const { state } = session.memory;
  const fields = {
    ...figures,
    ...outcome,
    ms: clock.now() - began,
    incidents: state.counts.incidents,
    watermark: state.head?.watermark,
  };
  if (!failure) {
    log.info('sync.run', fields);
    return;
  }
  const { code, message, facts } = toOutriderError(failure);
  log.warn('sync.run_failed', {
    ...fields,
    code,
    text: message,
    serviceCode: facts.serviceCode,
    trackingId: facts.trackingId,
  });
}
