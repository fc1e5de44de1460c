import { mapLimit } from '../concurrency.ts';
import { isOutriderError, OutriderError } from '../errors.ts';
import type { PaddedTime } from '../time.ts';
import { type RunContext, reading } from './context.ts';
import { readsAtOnce } from './large-incidents.ts';
import { MAX_PENDING, withoutPending, withPending } from './pending-list.ts';
import type { IncidentAnswer, ReceivedIncident } from './ports.ts';
import { storeIncidents } from './store-incidents.ts';

const TRIES_A_RUN = 20;

/** Errors that concern one answer only, such as an incident too large to be expanded; not the whole tenant. */
export function isAnswerTrouble(error: unknown): error is OutriderError {
  return isOutriderError(
    error,
    'upstream.unavailable',
    'upstream.timeout',
    'upstream.too_large',
    'upstream.unusable_answer',
    'upstream.link_expired',
  );
}

/** Reads an incident whole; where its alerts cannot be had, without them. */
export async function readWhole(context: RunContext, id: string): Promise<IncidentAnswer> {
  const query = { ...reading(context), id };
  try {
    const answer = await context.source.incident(query);
    if (!answer.incident || !mayBeCut(context, answer.incident)) return answer;
  } catch (error) {
    if (!isAnswerTrouble(error) || context.source.family === 'xdr') throw error;
    context.log.warn('sync.alerts_not_expanded', { incident: id, code: error.code });
  }
  return readJoined(context, id);
}

/** Reads an incident with its alerts from the list of alerts; without any where that cannot be had. */
export async function readJoined(context: RunContext, id: string): Promise<IncidentAnswer> {
  return joined(context, await context.source.incident({ ...reading(context), id, withAlerts: false }));
}

/** As many alerts as the service was seen to stop at: there may be more. */
export function mayBeCut({ session, source }: RunContext, incident: ReceivedIncident): boolean {
  const { expandLimit } = session.memory.state;
  if (expandLimit === undefined || !source.joinAlerts || incident.alertsJoined) return false;
  return (incident.alertCount ?? 0) >= expandLimit;
}

/** The second best: alerts from the list of alerts; the third: none, which the record then says. */
async function joined(context: RunContext, answer: IncidentAnswer): Promise<IncidentAnswer> {
  const { incident } = answer;
  if (!incident || !context.source.joinAlerts) return answer;
  try {
    return { ...answer, incident: await context.source.joinAlerts({ ...reading(context), incident }) };
  } catch (error) {
    if (!isAnswerTrouble(error) && !isOutriderError(error, 'upstream.forbidden')) throw error;
    return answer;
  }
}

/** Reads again what an earlier run could not read whole. What the service no longer knows stops waiting. */
export async function retryPending(context: RunContext): Promise<void> {
  const { session, clock } = context;
  const due = session.memory.state.pending
    .filter(({ notBeforeMs }) => notBeforeMs <= clock.now())
    .slice(0, TRIES_A_RUN);
  for (const [index, entry] of due.entries()) {
    // The first in any case: a run that is always late would never read again.
    if (index > 0 && context.overBudget()) return;
    for (const id of await readAgain(context, [entry.id])) {
      session.stage({ pending: withoutPending(session.memory.state.pending, id) });
    }
  }
}

/**
 * Reads incidents again by id and stores them, announced. One that cannot be read joins the pending ones.
 *
 * @returns the ids that the service does not know
 */
export async function readAgain(
  context: RunContext,
  ids: readonly string[],
  read: typeof readWhole = readWhole,
): Promise<string[]> {
  const unknown: string[] = [];
  for (let from = 0, most = 0; from < ids.length; from += most) {
    // Not all of them first: hundreds of incidents may be more than fits into memory.
    most = readsAtOnce(context);
    const answers = await mapLimit(ids.slice(from, from + most), most, (id) => tryToRead(context, id, read));
    for (const { id, answer } of answers) {
      if (!answer) continue;
      if (answer.incident) await storeAnswer(context, answer.incident, answer.serviceTime);
      else unknown.push(id);
    }
  }
  return unknown;
}

/** Stores it; one that came without its alerts waits for them even where that brought nothing new to store. */
async function storeAnswer(
  context: RunContext,
  incident: ReceivedIncident,
  observedAt: PaddedTime,
): Promise<void> {
  const { session } = context;
  const before = session.memory.state.pending;
  await storeIncidents(context, [incident], { observedAt, announce: true });
  if (incident.alertCount !== undefined || session.memory.state.pending !== before) return;
  waitFor(context, incident.id);
}

/**
 * Has an incident read again by a later run. Where too many wait already it rather fails, so that the same window is
 * read again, than forget one.
 *
 * @throws OutriderError `otherwise`
 */
export function waitFor(
  { session, clock, tenant }: RunContext,
  id: string,
  otherwise: OutriderError = tooManyWait(tenant.id, id),
): void {
  const pending = withPending(session.memory.state.pending, { id, why: 'readFailed' }, clock.now());
  if (pending.length > MAX_PENDING) throw otherwise;
  session.stage({ pending });
}

function tooManyWait(tenant: string, id: string): OutriderError {
  return new OutriderError(
    'upstream.unavailable',
    `Too many incidents of tenant ${tenant} wait for their alerts; incident ${id} is read again with the next run.`,
    { tenant },
  );
}

async function tryToRead(
  context: RunContext,
  id: string,
  read: typeof readWhole,
): Promise<{ id: string; answer?: IncidentAnswer }> {
  try {
    return { id, answer: await read(context, id) };
  } catch (error) {
    if (!isAnswerTrouble(error)) throw error;
    waitFor(context, id, error);
    return { id };
  }
}
