import { GRAPH_HUNT, graphHunt } from '../hunting/graph-hunt.ts';
import type { Hunting } from '../hunting/hunting.ts';
import type { LabAnswer, LabCaller, LabClock, LabRequest, LabService, TokenJudge } from '../service.ts';
import { ApiFault } from './api-fault.ts';
import { type CallNeeds, challengeHeader, claimedTenant, refusalOf } from './caller.ts';
import type { LiveTenant } from './defender.ts';
import { faultAnswer, jsonAnswer, startTrace, type Trace, tokenFault } from './graph-answers.ts';
import { createGraphReads } from './graph-reads.ts';
import { createGraphRenderer } from './graph-render.ts';
import { createGraphWrites } from './graph-writes.ts';
import { readTarget } from './query.ts';
import type { Random } from './random.ts';
import type { DefenderSettings } from './settings.ts';
import { createThrottle } from './throttle.ts';

const MINUTE = 60_000;
const INCIDENT_WRITE = ['SecurityIncident.ReadWrite.All'];
const INCIDENT_READ = ['SecurityIncident.Read.All', 'SecurityIncident.ReadWrite.All'];
/** The lab's tenants have no Defender for Identity: the list is there, and empty. */
const IDENTITY_CONTEXT = 'https://graph.microsoft.com/v1.0/$metadata#security/identities/identityAccounts';
/** The operation, with and without the name of its namespace. */
const HUNT = ['runhuntingquery', 'microsoft.graph.security.runhuntingquery'];
const IDENTITY_READ = ['SecurityIdentitiesAccount.Read.All'];
const ALERT_READ = ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'];

/** Microsoft Graph v1.0 security: incidents and alerts_v2, updating incidents, and hunting, in the global and US government clouds. */
export function createGraphService(options: {
  readonly clock: LabClock;
  readonly judge: TokenJudge;
  readonly settings: DefenderSettings;
  readonly random: Random;
  readonly tenant: (id: string) => LiveTenant;
  readonly hunting: Hunting;
}): LabService {
  const { clock, judge, settings, random, tenant, hunting } = options;
  const throttle = createThrottle({ clock });
  const renderer = createGraphRenderer({ settings, random });
  const reads = createGraphReads({ clock, settings, renderer });
  const writes = createGraphWrites({ renderer });

  async function signIn(request: LabRequest): Promise<LabCaller> {
    const audience = `https://${request.url.hostname}`;
    const verdict = await judge.verify(request.headers.authorization, [audience]);
    if (!verdict.ok) throw tokenFault(verdict.reason);
    const { challenge } = verdict.caller;
    if (challenge !== undefined) throw challengeFault(challenge);
    return verdict.caller;
  }

  function count(caller: LabCaller): void {
    const name = `${caller.appId} ${caller.tenantId}`;
    const taken = throttle.take([{ name, calls: settings.graphCallsPerMinute, windowMs: MINUTE }]);
    if (taken.ok) return;
    throw new ApiFault(429, 'TooManyRequests', 'Too many requests.', {
      'retry-after': String(taken.retryAfter),
    });
  }

  async function answer(request: LabRequest, trace: Trace): Promise<LabAnswer> {
    const caller = await signIn(request);
    const target = readTarget(request.rawTarget, settings.refuseRawQuotes);
    const path = target.segments.map((segment, place) => (place < 3 ? segment.toLowerCase() : segment));
    const [version, area, collection, id, member, ...more] = path;
    if (version !== 'v1.0' || area !== 'security' || more.length > 0) throw unknownSegment(request);
    if (collection !== undefined && HUNT.includes(collection.toLowerCase()) && id === undefined) {
      requireAccess(caller, { permissions: GRAPH_HUNT, access: 'read' });
      requireMethod(request, 'POST');
      return graphHunt(request, trace, { tenant: caller.tenantId, hunting, settings });
    }
    if (collection === 'identities' && id?.toLowerCase() === 'identityaccounts' && member === undefined) {
      requireAccess(caller, { permissions: IDENTITY_READ, access: 'read' });
      count(caller);
      requireMethod(request, 'GET');
      return jsonAnswer(trace, JSON.stringify({ '@odata.context': IDENTITY_CONTEXT, value: [] }));
    }
    if (collection !== 'incidents' && collection !== 'alerts_v2') throw unknownSegment(request);
    if (collection === 'incidents' && id !== undefined && writes.offers(request.method, member)) {
      requireAccess(caller, { permissions: INCIDENT_WRITE, access: 'write' });
      count(caller);
      const write = { request, trace, caller, tenant: tenant(caller.tenantId) };
      return member === undefined ? writes.updateIncident(write, id) : writes.addComment(write, id);
    }
    requireAccess(caller, {
      permissions: collection === 'incidents' ? INCIDENT_READ : ALERT_READ,
      access: 'read',
    });
    count(caller);
    requireMethod(request, 'GET');
    const read = { request, target, trace, tenant: tenant(caller.tenantId) };
    if (collection === 'alerts_v2') {
      if (id === undefined) return reads.listAlerts(read);
      if (member === undefined) return id === '$count' ? reads.countAlerts(read) : reads.getAlert(read, id);
    } else {
      if (id === undefined) return reads.listIncidents(read);
      if (member === undefined)
        return id === '$count' ? reads.countIncidents(read) : reads.getIncident(read, id);
      if (member === 'alerts') return reads.listAlertsOf(read, id);
    }
    throw unknownSegment(request);
  }

  return {
    name: 'graph',
    hosts: ['graph.microsoft.com', 'graph.microsoft.us', 'dod-graph.microsoft.us'],
    tenantOf: claimedTenant,
    async handle(request) {
      const trace = startTrace(request, clock, random);
      try {
        return await answer(request, trace);
      } catch (cause) {
        return faultAnswer(trace, cause);
      }
    },
  };
}

function requireMethod({ method }: LabRequest, allow: 'GET' | 'POST'): void {
  if (method === allow) return;
  throw new ApiFault(405, 'BadRequest', `${method} is not offered here.`, { allow });
}

function requireAccess(caller: LabCaller, needs: CallNeeds): void {
  const refusal = refusalOf(caller, needs);
  if (refusal === undefined) return;
  if (refusal.why === 'permission') {
    throw forbidden(
      `Missing ${refusal.kind} permissions. The token must hold one of: ${needs.permissions.join(', ')}.`,
    );
  }
  if (refusal.why === 'role')
    throw forbidden(`The user's roles do not allow to ${needs.access} security data.`);
  throw forbidden('The tenant is not licensed or provisioned for Microsoft Defender XDR.');
}

const forbidden = (message: string): ApiFault => new ApiFault(403, 'Forbidden', message);

const challengeFault = (claims: string): ApiFault =>
  new ApiFault(
    401,
    'InvalidAuthenticationToken',
    'Continuous access evaluation resulted in claims challenge.',
    {
      'www-authenticate': challengeHeader(claims),
    },
  );

const unknownSegment = (request: LabRequest): ApiFault =>
  new ApiFault(400, 'BadRequest', `Resource not found for the path '${request.url.pathname}'.`);
