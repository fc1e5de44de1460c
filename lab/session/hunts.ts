import { setTimeout as sleep } from 'node:timers/promises';
import type { HuntControl } from '../hunting/control.ts';
import type { ApiClient } from './api-client.ts';
import type { SessionTenant } from './events.ts';
import type { HuntLog } from './hunt-log.ts';
import { pause } from './stream.ts';

/** The query of the library that a session does not wait for: without parameters, and announced from the first run on. */
export const SHOWN_QUERY = 'device-encoded-powershell';
/** Rows an hour that it finds, so that there are some with every seed. */
const ROWS_PER_HOUR = 3;
/** A lab of many tenants shows it in these. */
const MOST_TENANTS = 4;
/** The first run brings new findings, the second sees them again. */
const FIRST_RUNS = 2;
const AGAIN_MS = 2 * 60_000;
const RUN_LIMIT_MS = 60_000;

export interface ShowHuntsOptions {
  /** Resolves with the tenants to hunt in; asked before each run. */
  readonly tenants: () => Promise<readonly SessionTenant[]>;
  readonly client: Pick<ApiClient, 'query' | 'runScheduled'>;
  readonly control: Pick<HuntControl, 'rule'>;
  readonly log: Pick<HuntLog, 'nextRun'>;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  /** Between runs after the first two; default two minutes. */
  readonly againMs?: number;
}

/**
 * Has a scheduled query run at once, twice, and then every other minute, until the signal says stop: its own time would
 * come within the hour. All other queries run when they are due. Never rejects.
 *
 * @param onShown called after the first two runs, or with the reason after each that did not come
 */
export async function showHunts(
  options: ShowHuntsOptions,
  onShown: (trouble: string | undefined) => void,
): Promise<void> {
  const { tenants, signal, againMs = AGAIN_MS } = options;
  for (let runs = 1; !signal.aborted; runs += 1) {
    try {
      // While tenants are loaded the app gets its library, and the lab what it binds queries with.
      if (runs === 1) await giveRows(options);
      await runEverywhere(options, await tenants());
      if (runs === FIRST_RUNS) onShown(undefined);
    } catch (error) {
      if (!signal.aborted) onShown(error instanceof Error ? error.message : String(error));
    }
    if (runs >= FIRST_RUNS && !(await pause(againMs, signal))) return;
  }
}

async function giveRows({ client, control }: ShowHuntsOptions): Promise<void> {
  const { text } = await client.query(SHOWN_QUERY);
  await control.rule({ query: text, rowsPerHour: ROWS_PER_HOUR });
}

async function runEverywhere(
  { client, log, signal, now }: ShowHuntsOptions,
  tenants: readonly SessionTenant[],
): Promise<void> {
  await Promise.all(
    tenants.slice(0, MOST_TENANTS).map(async ({ id, name }) => {
      const ended = log.nextRun(id, SHOWN_QUERY);
      await client.runScheduled(id, SHOWN_QUERY, now());
      const waiting = new AbortController();
      const late = sleep(RUN_LIMIT_MS, 'late' as const, {
        signal: AbortSignal.any([signal, waiting.signal]),
      }).catch(() => undefined);
      const outcome = await Promise.race([ended, late]);
      waiting.abort();
      if (outcome !== 'late') return;
      throw new Error(
        `${name}: the scheduled hunt ${SHOWN_QUERY} did not end within ${RUN_LIMIT_MS / 1000} s.`,
      );
    }),
  );
}
