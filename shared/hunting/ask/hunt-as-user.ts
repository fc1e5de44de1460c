import type { Clock } from '../../clock.ts';
import { isOutriderError, OutriderError } from '../../errors.ts';
import type { Column, HuntAnswer, HuntSource } from '../ports.ts';
import type { Quota } from '../quota/quota.ts';
import { type CallInput, callText, spanInText } from '../run/call-text.ts';
import { checkRequest } from '../run/request.ts';
import { limitOf, type Shortfall, sentence, shortfallOf } from '../run/truncation.ts';
import { MOST_ROWS, type Truncation } from '../run/types.ts';
import type { PreparedHunt } from './prepare-hunt.ts';

/** All that a hunt in a user's name may take, in milliseconds: nobody could go on with it in their name afterwards. */
const MOST_MS = 200_000;
/** Waits for quota up to this are waited out. */
const QUOTA_WAIT_MS = 20_000;

export interface UserHuntParts {
  /** Sends with the user's token. */
  readonly source: HuntSource;
  /** The tenant's, which users share with the app. */
  readonly quota: Quota;
  readonly clock: Clock;
}

export interface UserHuntSize {
  /** Rows that one answer holds, in UTF-16 units. */
  readonly mostChars: number;
}

/** What a hunt in a user's name found. Times in milliseconds since 1970 UTC. */
export interface UserHunt {
  readonly state: 'succeeded' | 'truncated';
  /** Each the text of one JSON object as the service wrote it. */
  readonly rows: readonly string[];
  readonly columns: readonly Column[];
  readonly truncation?: Truncation | undefined;
  readonly beganMs: number;
  readonly endedMs: number;
  /** Bytes of the answer, decoded, as far as it was read. */
  readonly received: number;
  /** HTTP requests sent, retries included. */
  readonly calls: number;
}

/**
 * Hunts in a user's name: one call, its rows straight into the answer. Nothing is stored, queued or cut into slices, since
 * whoever took it up again would need the user's token.
 *
 * @throws OutriderError `user.app_context_needed` past 200 seconds; `hunt.*` with the advice to use application context
 * where that would get further; what `requestHunt` throws for a request that cannot be
 */
export async function huntAsUser(
  parts: UserHuntParts,
  tenant: string,
  hunt: PreparedHunt,
  { mostChars }: UserHuntSize,
): Promise<UserHunt> {
  const { clock, source, quota } = parts;
  const beganMs = clock.now();
  checkRequest(hunt, beganMs);
  const input: CallInput = { tenant, source, input: hunt, beganMs };
  const span = spanInText(input);
  let calls = 0;
  return withinLimit(clock, tenant, async (signal) => {
    try {
      const answer = await source.run({
        tenant,
        ...callText(input, span),
        signal,
        turn: () => quota.take({ tenant, origin: 'adhoc', maxWaitMs: QUOTA_WAIT_MS, signal }),
        onCall: () => {
          calls += 1;
        },
      });
      const read = await readRows(answer, { mostRows: hunt.maxRows ?? MOST_ROWS, mostChars });
      const facts = {
        columns: answer.schema(),
        beganMs,
        endedMs: clock.now(),
        received: answer.bytes(),
        calls,
      };
      return { ...resultOf(read), ...facts };
    } catch (error) {
      await parkQuota(parts, tenant, error);
      throw inAppContext(error);
    }
  });
}

interface Read {
  readonly rows: readonly string[];
  readonly shortfall?: Shortfall | undefined;
}

async function readRows(
  answer: HuntAnswer,
  { mostRows, mostChars }: UserHuntSize & { readonly mostRows: number },
): Promise<Read> {
  const rows: string[] = [];
  let chars = 0;
  for await (const some of answer.rows) {
    for (const row of some) {
      if (rows.length >= mostRows) {
        return { rows, shortfall: { reason: 'maxRows', words: `at most ${mostRows} rows were asked for` } };
      }
      chars += row.length;
      if (chars > mostChars) {
        return {
          rows,
          shortfall: { reason: 'bytes', words: `one answer holds ${mostChars} characters of rows` },
        };
      }
      rows.push(row);
    }
  }
  const words = answer.incomplete();
  return { rows, shortfall: words === undefined ? undefined : shortfallOf(words, rows.length) };
}

function resultOf({ rows, shortfall }: Read): Pick<UserHunt, 'state' | 'rows' | 'truncation'> {
  if (!shortfall) return { state: 'succeeded', rows };
  const { reason, words } = shortfall;
  const text = `Not all rows are here: ${sentence(words)}`;
  const advice =
    reason === 'maxRows'
      ? 'Ask for more rows (maxRows), narrow the timespan, or filter more.'
      : `Narrow the timespan or filter more. ${APP_CONTEXT}`;
  return { state: 'truncated', rows, truncation: { reason, text, advice } };
}

const APP_CONTEXT =
  'In application context (without actAs) Outrider keeps the whole result, and reads it in slices of time where it can.';

/** The service itself said that the tenant's share is used up: all instances are told. */
async function parkQuota({ quota, clock }: UserHuntParts, tenant: string, error: unknown): Promise<void> {
  if (!isOutriderError(error, 'hunt.cpu_quota', 'hunt.call_quota') || error.facts.status !== 429) return;
  const why = error.code === 'hunt.cpu_quota' ? 'cpu' : 'calls';
  await quota.park(tenant, why, clock.now() + (error.facts.retryAfterMs ?? 0));
}

/** Limits that slices would escape, with that advice. */
function inAppContext(error: unknown): unknown {
  const limit = limitOf(error);
  if (!limit) return error;
  const { code, message, facts } = limit.error;
  return new OutriderError(code, `${message} ${APP_CONTEXT}`, { ...facts, cause: error });
}

async function withinLimit<T>(
  clock: Clock,
  tenant: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const done = new AbortController();
  clock.sleep(MOST_MS, done.signal).then(
    () => limit.abort(tookTooLong(tenant)),
    () => {},
  );
  try {
    return await work(limit.signal);
  } finally {
    done.abort();
  }
}

function tookTooLong(tenant: string): OutriderError {
  return new OutriderError(
    'user.app_context_needed',
    `The hunt in tenant ${tenant} took longer than ${MOST_MS / 1000} seconds, and in a user's name nothing goes on after its request. Narrow the query, or ask in application context (without actAs): the run is then kept and goes on by itself.`,
    { tenant },
  );
}
