import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { claimedTenant } from '../../lab/defender/caller.ts';
import type { Random } from '../../lab/defender/random.ts';
import type { LabAnswer, LabRequest, LabService } from '../../lab/service.ts';
import type { Findings } from './findings.ts';
import type { SteadyClock } from './steady-clock.ts';
import { actingFor, type CrossingTenant, foreignIn, mayBeOf } from './tenants.ts';

const LINK = /("@odata\.nextLink":"[^"]+)/;
/** Put on every link that an answer carries, and taken off again before the lab sees it. */
const LINK_OWNER = /&link-of=([\w-]+)/;
const REVOKE_GAP_MS = 150_000;

export interface ApiWire extends HttpClient {
  /** No trouble from now on. */
  calmDown(): void;
  /** When a token of the tenant was last refused with 401. */
  refusedAt(tenantId: string): number | undefined;
}

/**
 * The lab's Defender as the wire of the transport. Checks of every call that the token, the URL and the rows of the
 * answer are those of the tenant in whose name the calling code runs. Some calls get 429; some tokens are revoked
 * in mid-life, and get 401 from then on.
 */
export function createApiWire({
  services,
  clock,
  random,
  findings,
}: {
  readonly services: readonly LabService[];
  readonly clock: SteadyClock;
  readonly random: Random;
  readonly findings: Findings;
}): ApiWire {
  const { counts } = findings;
  const revoked = new Set<string>();
  const revokedAt = new Map<string, number>();
  const refusedAt = new Map<string, number>();
  const refusedCalls = new Map<string, 401 | 429>();
  let calm = false;
  let underWay = 0;

  function trouble(request: LabRequest, tenantId: string): LabAnswer | undefined {
    const token = request.headers.authorization ?? '';
    if (!calm && random.chance(0.02)) {
      counts.throttled++;
      return failure(429, { 'retry-after': String(random.int(1, 3)) });
    }
    const lastRevoked = revokedAt.get(tenantId) ?? Number.NEGATIVE_INFINITY;
    if (!calm && random.chance(0.02) && clock.now() > lastRevoked + REVOKE_GAP_MS) {
      revoked.add(token);
      revokedAt.set(tenantId, clock.now());
    }
    if (!revoked.has(token)) return undefined;
    counts.refused++;
    refusedAt.set(tenantId, clock.now());
    return failure(401, {});
  }

  function noteRetry(call: string, status: number): void {
    const before = refusedCalls.get(call);
    if (before === 429) counts.retriedAfter429++;
    if (before === 401) counts.retriedAfter401++;
    refusedCalls.delete(call);
    if (status === 401 || status === 429) refusedCalls.set(call, status);
  }

  async function answerTo(request: LabRequest, caller: CrossingTenant): Promise<LabAnswer> {
    checkRequest(request, caller, findings);
    const owner = LINK_OWNER.exec(request.rawTarget)?.[1];
    if (owner !== undefined) {
      counts.linksFollowed++;
      if (owner !== caller.mark) findings.crossing(`${caller.mark} follows a link of ${owner}`);
    }
    // Answers overtake each other, so that any state between two calls is seen by others.
    for (let turns = random.int(0, 3); turns > 0; turns--) await turn();
    const refused = trouble(request, caller.tenant.id);
    if (refused) return refused;
    const service = services.find(({ hosts }) => hosts.includes(request.url.host));
    if (!service) throw new Error(`nobody answers for ${request.url.host}`);
    const target = request.rawTarget.replace(LINK_OWNER, '');
    return service.handle({ ...request, rawTarget: target, url: new URL(target, request.url) });
  }

  return {
    calmDown() {
      calm = true;
    },
    refusedAt: (tenantId) => refusedAt.get(tenantId),
    sendRequest: (sent) =>
      clock.during(async () => {
        counts.calls++;
        counts.callsAtOnce = Math.max(counts.callsAtOnce, ++underWay);
        const caller = actingFor.getStore();
        if (!caller) throw new Error('a call in nobody’s name');
        const url = new URL(sent.url);
        const headers = sent.headers.toJSON();
        const rawTarget = `${url.pathname}${url.search}`;
        try {
          const request = { method: sent.method, url, rawTarget, headers, body: Buffer.alloc(0) };
          const answer = await answerTo(request, caller);
          noteRetry(`${caller.mark} ${rawTarget}`, answer.status);
          const text = textOf(answer);
          for (const foreign of foreignIn(text, caller)) {
            findings.crossing(`${caller.mark} is answered with rows of ${foreign} at ${rawTarget}`);
          }
          return {
            request: sent,
            status: answer.status,
            headers: createHttpHeaders({ ...answer.headers, date: new Date(clock.now()).toUTCString() }),
            readableStreamBody: Readable.from([Buffer.from(text.replace(LINK, `$1&link-of=${caller.mark}`))]),
          };
        } finally {
          underWay--;
        }
      }),
  };
}

function checkRequest(request: LabRequest, caller: CrossingTenant, findings: Findings): void {
  const tokenOf = claimedTenant(request);
  if (tokenOf !== caller.tenant.id) {
    findings.crossing(`${caller.mark} calls with the token of ${tokenOf}: ${request.rawTarget}`);
  }
  const id = /\/incidents\/([^/?]+)/i.exec(request.rawTarget)?.[1];
  if (id !== undefined && !mayBeOf(caller, id)) {
    findings.crossing(`${caller.mark} asks for the incident ${id} of another tenant`);
  }
}

function failure(status: number, headers: Readonly<Record<string, string>>): LabAnswer {
  return { status, headers, body: { error: { code: String(status), message: 'Not now.' } } };
}

function textOf({ body = '' }: LabAnswer): string {
  if (typeof body === 'string') return body;
  return Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body);
}
