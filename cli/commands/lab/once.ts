import { setTimeout as sleep } from 'node:timers/promises';
import type { TenantRow } from '../../../lab/session/rows.ts';
import type { Session } from '../../../lab/session/session.ts';

/** What `outrider lab --once` has come to. */
export interface OnceResult {
  readonly api: string | null;
  readonly tenants: readonly TenantRow[];
  /** Why not all is well; undefined when every tenant was loaded and no hunt failed. */
  readonly failure: string | undefined;
}

const LIMIT_MS = 10 * 60_000;
const SOON_MS = 500;
const LATE = `Not every tenant was loaded and hunted in within ${LIMIT_MS / 60_000} minutes.`;

/** Waits until every tenant was loaded and a scheduled hunt has run in it. @throws the signal's reason */
export async function loadOnce(session: Session, signal: AbortSignal): Promise<OnceResult> {
  const waiting = new AbortController();
  const outcome = await Promise.race([
    finished(session),
    session.broken,
    sleep(LIMIT_MS, LATE, { signal: AbortSignal.any([signal, waiting.signal]) }).catch(() => undefined),
  ]).finally(() => waiting.abort());
  signal.throwIfAborted();
  const failure = outcome instanceof Error ? outcome.message : outcome;
  return { api: session.api ?? null, tenants: session.rows(), failure };
}

/** @returns what failed; hunts are not waited for where a tenant could not be loaded */
async function finished(session: Session): Promise<string | undefined> {
  await session.settled;
  const notLoaded = await failures(session);
  if (notLoaded !== undefined) return notLoaded;
  return (await session.huntsShown) ?? huntFailures(session);
}

async function huntFailures(session: Session): Promise<string | undefined> {
  const failing = session
    .hunts()
    .flatMap(({ tenant, failing }) => [...failing].map(([query, code]) => ({ tenant, query, code })));
  const texts = failing.map(async ({ tenant, query, code }) => {
    const why = (await session.huntFailure(tenant, query)) ?? code;
    return `${tenant.name}: the scheduled hunt ${query} failed: ${why}`;
  });
  return failing.length === 0 ? undefined : (await Promise.all(texts)).join(' ');
}

async function failures(session: Session): Promise<string | undefined> {
  const failing = session.syncs().filter(({ state }) => state !== 'current');
  if (failing.length === 0) return undefined;
  // An app that has died says more than the calls to it that failed.
  const broken = await Promise.race([session.broken, sleep(SOON_MS, undefined, { ref: false })]);
  if (broken !== undefined) return broken.message;
  return failing.map(({ tenant, reason }) => `${tenant.name} was not loaded: ${reason}`).join(' ');
}
