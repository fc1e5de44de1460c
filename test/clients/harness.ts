import type { CallLimits } from '../../shared/clients/call.ts';
import { createGraphIncidents } from '../../shared/clients/graph-incidents.ts';
import { createPace, PACE_LIMITS } from '../../shared/clients/pace.ts';
import { createTransport } from '../../shared/clients/transport.ts';
import { createXdrIncidents } from '../../shared/clients/xdr-incidents.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { type ErrorCode, OutriderError } from '../../shared/errors.ts';
import type { GetToken } from '../../shared/tenant.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import { createFakeWire, type Reply, repliesInTurn } from './fake-wire.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const DATE = { date: 'Sat, 21 Nov 2026 12:00:00 GMT' };
export const WINDOW = { from: '2026-11-20T00:00:00.1234567Z' };

/** For tests of something else that takes more calls than a minute allows. */
const UNPACED = { 'graph.security': [], 'xdr.incidents': [] };

/** Clients on a wire that answers as told, in virtual time. */
export function onWire(
  reply: Reply | readonly Reply[] | Parameters<typeof createFakeWire>[0],
  options: {
    readonly getToken?: GetToken;
    readonly limits?: Partial<CallLimits>;
    readonly unpaced?: boolean;
  } = {},
) {
  const clock = createJumpingClock();
  const wire = createFakeWire(
    typeof reply === 'function' ? reply : repliesInTurn(...(Array.isArray(reply) ? reply : [reply as Reply])),
  );
  const pace = createPace({ clock, limits: options.unpaced ? UNPACED : PACE_LIMITS });
  const transport = createTransport({
    getToken: options.getToken ?? (async ({ tenant, resource }) => `token of ${tenant} for ${resource}`),
    clock,
    version: '1.2.3',
    pace,
    httpClient: wire,
    limits: options.limits ?? {},
  });
  const graph = createGraphIncidents({ transport, cloud: CLOUDS.global });
  const xdr = createXdrIncidents({ transport, cloud: CLOUDS.global });
  return { clock, wire, pace, transport, graph, xdr };
}

/** All that an async iterable gives. */
export async function all<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The OutriderError that the work fails with; fails itself if it does not, or with another code. */
export async function failureOf(work: Promise<unknown>, code: ErrorCode): Promise<OutriderError> {
  const outcome = await work.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  if (outcome instanceof OutriderError && outcome.code === code) return outcome;
  throw new Error(`expected ${code}, got ${outcome}`, { cause: outcome });
}
