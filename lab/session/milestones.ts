import type { LoggedRequest } from '../net/request-log.ts';
import type { World } from '../world.ts';
import type { SessionEvent, SessionTenant } from './events.ts';
import type { Roster } from './roster.ts';

/** Answers of sign-in and Defender that people should hear of; a 404 or 409 is part of the day's work. */
const TROUBLE = new Set([400, 401, 403, 408, 429, 500, 502, 503, 504]);
const SERVICES = new Set(['entra', 'graph', 'xdr']);
/** The same trouble is told again after so long. */
const QUIET_MS = 10_000;

/** Reads from the stand-ins' requests what the app has achieved, each thing once, and what troubles it. */
export function createMilestones(options: {
  readonly world: World;
  readonly tenants: Pick<Roster, 'find'>;
}): (requests: readonly LoggedRequest[], now: number) => readonly SessionEvent[] {
  const { tenants } = options;
  const bySecret = new Map(
    options.world.tenants.flatMap(({ id, credential }) =>
      credential.kind === 'secret' ? [[credential.secretName, tenants.find(id)] as const] : [],
    ),
  );
  const reached = new Set<string>();
  const trouble = createTroubleDigest(tenants);

  function milestone(request: LoggedRequest): SessionEvent | undefined {
    if (request.status >= 300 || request.cut === true) return undefined;
    const at = Date.parse(request.time);
    const tenant = tenants.find(request.tenant ?? '');
    if (request.service === 'identity') return { kind: 'identity', at };
    if (request.service === 'vault') {
      const read = bySecret.get(/^\/secrets\/([^/?]+)/.exec(request.path)?.[1] ?? '');
      return read && { kind: 'secretRead', at, tenant: read };
    }
    if (tenant === undefined) return undefined;
    if (request.service === 'entra' && /\/token(?:\?|$)/.test(request.path))
      return { kind: 'signedIn', at, tenant };
    const isRead = request.method === 'GET'; // hunts are sent by POST
    if (isRead && request.service === tenant.api) return { kind: 'firstPage', at, tenant };
    return undefined;
  }

  return (requests, now) => {
    const events: SessionEvent[] = [];
    for (const request of requests) {
      trouble.add(request);
      if (request.problem !== undefined) events.push(defect(request, request.problem));
      const event = milestone(request);
      const key = event && `${event.kind} ${'tenant' in event ? event.tenant.id : ''}`;
      if (event === undefined || key === undefined || reached.has(key)) continue;
      reached.add(key);
      events.push(event);
    }
    return [...events, ...trouble.due(now)];
  };
}

function defect({ time, service, method, path }: LoggedRequest, problem: string): SessionEvent {
  const text = `the ${service} stand-in failed at ${method} ${path}: ${problem}`;
  return { kind: 'defect', at: Date.parse(time), text };
}

/** Collects troubles of a kind, so that a storm of them is a line and not a flood. */
function createTroubleDigest(tenants: Pick<Roster, 'find'>) {
  interface Digest {
    readonly tenant: SessionTenant;
    readonly service: string;
    readonly answer: number | 'cut';
    times: number;
    toldAt: number;
  }
  const digests = new Map<string, Digest>();
  return {
    add(request: LoggedRequest): void {
      const tenant = tenants.find(request.tenant ?? '');
      const answer = request.cut === true ? 'cut' : request.status;
      if (tenant === undefined || !SERVICES.has(request.service)) return;
      if (answer !== 'cut' && !TROUBLE.has(answer)) return;
      const key = `${tenant.id} ${request.service} ${answer}`;
      const digest = digests.get(key) ?? { tenant, service: request.service, answer, times: 0, toldAt: 0 };
      digest.times += 1;
      digests.set(key, digest);
    },
    due(now: number): SessionEvent[] {
      const events: SessionEvent[] = [];
      for (const digest of digests.values()) {
        const { tenant, service, answer, times } = digest;
        if (times === 0 || now - digest.toldAt < QUIET_MS) continue;
        events.push({ kind: 'trouble', at: now, tenant, service, answer, times });
        digest.times = 0;
        digest.toldAt = now;
      }
      return events;
    },
  };
}
