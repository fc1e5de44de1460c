import { challengeHeader } from '../../lab/defender/caller.ts';
import type { Random } from '../../lab/defender/random.ts';
import type { LabAnswer, LabRequest } from '../../lab/service.ts';
import type { Actor } from './actor.ts';
import type { Findings } from './findings.ts';
import type { SteadyClock } from './steady-clock.ts';

/** What goes wrong at the APIs. */
export interface Troubles {
  /** How long an answer takes, in milliseconds. */
  delayMs(request: LabRequest): number;
  /** An answer instead of the right one. */
  refusal(request: LabRequest, actor: Actor): LabAnswer | undefined;
  /** When a token of the actor was last refused with 401. */
  refusedAt(name: string): number | undefined;
  /** No trouble from now on. */
  calmDown(): void;
}

type Refused = 401 | 429 | 503;

const SHARE = 0.02;
const SLOW_SHARE = 0.03;
const TOO_SLOW_SHARE = 0.001;
/** More than the limit of an attempt to read incidents. */
const TOO_SLOW_MS = 35_000;
/** Longer than a client waits before it replaces a token once more. */
const REVOKE_GAP_MS = 150_000;
const RETRIED = { 401: 'retriedAfter401', 429: 'retriedAfter429', 503: 'retriedAfter503' } as const;

/** Some calls get 429 or 503, some answers are slow, and some tokens are revoked in mid-life: 401 from then on. */
export function createTroubles({
  clock,
  random,
  findings: { counts },
}: {
  readonly clock: SteadyClock;
  readonly random: Random;
  readonly findings: Findings;
}): Troubles {
  const revoked = new Set<string>();
  const revokedAt = new Map<string, number>();
  const refusedAt = new Map<string, number>();
  const refusedCalls = new Map<string, Refused>();
  let calm = false;

  const strikes = (share: number): boolean => !calm && random.chance(share);

  function statusFor(request: LabRequest, { name }: Actor): Refused | undefined {
    const token = request.headers.authorization ?? '';
    if (isRepeatable(request) && strikes(SHARE)) return random.pick([429, 503] as const);
    if (strikes(SHARE) && clock.now() > (revokedAt.get(name) ?? 0) + REVOKE_GAP_MS) {
      revoked.add(token);
      revokedAt.set(name, clock.now());
    }
    if (!revoked.has(token)) return undefined;
    refusedAt.set(name, clock.now());
    return 401;
  }

  function note(call: string, status: Refused | undefined): void {
    const before = refusedCalls.get(call);
    if (before !== undefined) counts[RETRIED[before]]++;
    refusedCalls.delete(call);
    if (status === undefined) return;
    counts[`answered${status}`]++;
    refusedCalls.set(call, status);
  }

  return {
    delayMs(request) {
      if (!isRepeatable(request)) return 0;
      if (strikes(TOO_SLOW_SHARE)) {
        counts.tooSlow++;
        return TOO_SLOW_MS;
      }
      if (!strikes(SLOW_SHARE)) return 0;
      counts.slow++;
      return random.int(500, 9_000);
    },
    refusal(request, actor) {
      const status = statusFor(request, actor);
      note(`${actor.name} ${request.method} ${request.rawTarget}`, status);
      return status === undefined ? undefined : failure(status, headersOf(status, actor, random, clock));
    },
    refusedAt: (name) => refusedAt.get(name),
    calmDown() {
      calm = true;
    },
  };
}

/** A comment would be added once more, so it is not sent again. */
const isRepeatable = ({ body }: LabRequest): boolean => !body.includes('"comment":');

function headersOf(
  status: Refused,
  { signIn }: Actor,
  random: Random,
  clock: SteadyClock,
): Record<string, string> {
  if (status !== 401) return { 'retry-after': String(random.int(1, 3)) };
  if (signIn === undefined) return {};
  // A challenge that is this person's alone.
  const nbf = { essential: true, value: String(Math.floor(clock.now() / 1000)) };
  const claims = { access_token: { nbf, crossing: { value: signIn.user.mark } } };
  return { 'www-authenticate': challengeHeader(JSON.stringify(claims)) };
}

function failure(status: number, headers: Readonly<Record<string, string>>): LabAnswer {
  return { status, headers, body: { error: { code: String(status), message: 'Not now.' } } };
}
