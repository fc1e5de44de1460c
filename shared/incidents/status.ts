import { msFromPadded, ticksFromPadded } from '../time.ts';
import type { SyncState } from './state.ts';
import { runUnderWay } from './under-way.ts';

/** A tenant's sync as people and programs are shown it. Times are ISO 8601, UTC. */
export interface SyncStatus {
  readonly tenantId: string;
  readonly state: 'never run' | 'loading' | 'current' | 'failing' | 'removed';
  /** The run that is under way or asked for. */
  readonly run: string | undefined;
  readonly lastSuccess: string | undefined;
  /** Seconds since the last successful read of what is new. */
  readonly freshnessSeconds: number | undefined;
  /** Greatest last update stored, and how old it is in seconds. */
  readonly newest: string | undefined;
  readonly newestAgeSeconds: number | undefined;
  readonly watermarks: { readonly incidents: string | undefined; readonly alerts: string | undefined };
  readonly firstLoad:
    | { readonly from: string; readonly to: string; readonly done: boolean; readonly percent: number }
    | undefined;
  readonly backlog: number;
  readonly failing:
    | {
        readonly since: string;
        readonly runs: number;
        readonly code: string;
        readonly text: string;
        readonly trackingId: string | undefined;
      }
    | undefined;
  readonly nextAttempt: string | undefined;
  readonly waitingToBeReadAgain: number;
  readonly lateArrivals: number;
  readonly overlapMinutes: number;
  readonly incidents: number;
  readonly versions: number;
  readonly callsUsed: number;
  readonly lastRun: SyncState['lastRun'];
}

/** Renders a state for readers; `undefined` is a tenant that was never synced. */
export function statusOf(tenantId: string, state: SyncState | undefined, nowMs: number): SyncStatus {
  const { head, alerts, failure, firstLoad, lastSuccessMs, newest, counts } =
    state ?? ({} as Partial<SyncState>);
  return {
    tenantId,
    state: nameOf(state),
    run: state && runUnderWay(state, nowMs),
    lastSuccess: iso(lastSuccessMs),
    freshnessSeconds: lastSuccessMs === undefined ? undefined : seconds(nowMs - lastSuccessMs),
    newest,
    newestAgeSeconds: newest === undefined ? undefined : seconds(nowMs - msFromPadded(newest)),
    watermarks: { incidents: head?.watermark, alerts: alerts?.watermark },
    firstLoad: firstLoad && {
      from: firstLoad.from,
      to: firstLoad.to,
      done: firstLoad.doneMs !== undefined,
      percent: state ? percentLoaded(state) : 0,
    },
    backlog: state?.stretches.length ?? 0,
    failing: failure && {
      since: new Date(failure.sinceMs).toISOString(),
      runs: failure.count,
      code: failure.code,
      text: failure.text,
      trackingId: failure.trackingId,
    },
    nextAttempt: iso(state?.nextAttemptMs),
    waitingToBeReadAgain: state?.pending.length ?? 0,
    lateArrivals: counts?.late ?? 0,
    overlapMinutes: (state?.overlapMs ?? 0) / 60_000,
    incidents: counts?.incidents ?? 0,
    versions: counts?.versions ?? 0,
    callsUsed: counts?.calls ?? 0,
    lastRun: state?.lastRun,
  };
}

function nameOf(state: SyncState | undefined): SyncStatus['state'] {
  if (!state) return 'never run';
  if (state.removedMs !== undefined) return 'removed';
  if (state.failure) return 'failing';
  if (!state.head) return 'never run';
  return state.firstLoad?.doneMs === undefined ? 'loading' : 'current';
}

function percentLoaded({ firstLoad, stretches }: SyncState): number {
  if (!firstLoad || firstLoad.doneMs !== undefined) return 100;
  const left = stretches.find(({ kind, announce }) => kind === 'incidents' && !announce);
  if (!left) return 100;
  const whole = ticksFromPadded(firstLoad.to) - ticksFromPadded(firstLoad.from);
  const todo = ticksFromPadded(left.to) - ticksFromPadded(left.from);
  return whole <= 0n ? 100 : Math.floor(100 - Number((todo * 100n) / whole));
}

const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1000));
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();
