import type { Hunting } from '../hunting/hunting.ts';
import { XDR_HUNT, xdrHunt } from '../hunting/xdr-hunt.ts';
import type { LabAnswer, LabCaller, LabClock, LabRequest, LabService, TokenJudge } from '../service.ts';
import { ApiFault } from './api-fault.ts';
import { type CallNeeds, challengeHeader, claimedTenant, refusalOf } from './caller.ts';
import type { LiveTenant } from './defender.ts';
import { FilterError } from './filter-tokens.ts';
import { ENDPOINT_AUDIENCES, isMachinePath, listMachines } from './machine-reads.ts';
import { QueryError, readTarget } from './query.ts';
import type { Random } from './random.ts';
import type { DefenderSettings } from './settings.ts';
import { createThrottle } from './throttle.ts';
import { createXdrReads } from './xdr-reads.ts';
import { createXdrRenderer } from './xdr-render.ts';
import { updateXdrIncident } from './xdr-writes.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const AUDIENCE = 'https://api.security.microsoft.com';
const INCIDENT_WRITE = ['Incident.ReadWrite.All', 'Incident.ReadWrite'];
const INCIDENT_READ = ['Incident.Read.All', 'Incident.ReadWrite.All', 'Incident.Read', 'Incident.ReadWrite'];

/** Global, regional and US government names; the two naming styles are as documented (api-supported, exposed-apis-list). */
const HOSTS = [
  'api.security.microsoft.com',
  'api-us.security.microsoft.com',
  'api-eu.security.microsoft.com',
  'api-uk.security.microsoft.com',
  'us.api.security.microsoft.com',
  'eu.api.security.microsoft.com',
  'uk.api.security.microsoft.com',
  'au.api.security.microsoft.com',
  'swa.api.security.microsoft.com',
  'ina.api.security.microsoft.com',
  'aea.api.security.microsoft.com',
  'api-gcc.security.microsoft.us',
  'api-gov.security.microsoft.us',
  'api-gcc.securitycenter.microsoft.us',
  'api-gov.securitycenter.microsoft.us',
];

/** The Defender XDR API: incidents with alerts, devices and entities inline, updating them, and hunting until it ends. */
export function createXdrService(options: {
  readonly clock: LabClock;
  readonly judge: TokenJudge;
  readonly settings: DefenderSettings;
  readonly random: Random;
  readonly tenant: (id: string) => LiveTenant;
  readonly hunting: Hunting;
}): LabService {
  const { clock, judge, settings, random, tenant, hunting } = options;
  const throttle = createThrottle({ clock });
  const reads = createXdrReads({ settings, random });
  const render = createXdrRenderer({ settings, random });

  async function signIn(request: LabRequest): Promise<LabCaller> {
    const audiences = isMachinePath(request)
      ? ENDPOINT_AUDIENCES
      : [AUDIENCE, `https://${request.url.hostname}`];
    const verdict = await judge.verify(request.headers.authorization, [...new Set(audiences)]);
    if (!verdict.ok) throw unauthorized(`token ${verdict.reason}`, 'Bearer');
    const { challenge } = verdict.caller;
    if (challenge !== undefined) throw unauthorized('more claims are required', challengeHeader(challenge));
    return verdict.caller;
  }

  function count(caller: LabCaller, kind: 'list' | 'get' | 'update'): void {
    const name = `${caller.appId} ${caller.tenantId} ${kind}`;
    // Listing and updating are documented with the same quota: 50 a minute.
    const perMinute = kind === 'get' ? settings.xdrGetCallsPerMinute : settings.xdrListCallsPerMinute;
    const taken = throttle.take([
      { name, calls: perMinute, windowMs: MINUTE },
      { name, calls: settings.xdrCallsPerHour, windowMs: HOUR },
    ]);
    if (taken.ok) return;
    const message = `API calls quota exceeded. The quota will be reset in ${taken.retryAfter} seconds.`;
    const headers = { 'retry-after': String(taken.retryAfter) };
    throw new ApiFault(429, 'TooManyRequests', message, settings.xdrRetryAfter ? headers : {});
  }

  async function answer(request: LabRequest): Promise<LabAnswer> {
    const caller = await signIn(request);
    if (isMachinePath(request)) return listMachines(caller, request);
    const target = readTarget(request.rawTarget, settings.refuseRawQuotes);
    const [api, incidents, id, ...more] = target.segments;
    if (target.segments.join('/').toLowerCase() === 'api/advancedhunting/run') {
      requireAccess(caller, { permissions: XDR_HUNT, access: 'read' });
      requireMethod(request, 'POST');
      return xdrHunt(request, { tenant: caller.tenantId, hunting, settings, clock });
    }
    if (api?.toLowerCase() !== 'api' || incidents?.toLowerCase() !== 'incidents' || more.length > 0) {
      throw new ApiFault(404, 'NotFound', `No API at '${request.url.pathname}'.`);
    }
    if (id !== undefined && request.method === 'PATCH') {
      requireAccess(caller, { permissions: INCIDENT_WRITE, access: 'write' });
      count(caller, 'update');
      return updateXdrIncident({ request, caller, tenant: tenant(caller.tenantId) }, id, render);
    }
    requireAccess(caller, { permissions: INCIDENT_READ, access: 'read' });
    count(caller, id === undefined ? 'list' : 'get');
    requireMethod(request, 'GET');
    const read = { request, target, tenant: tenant(caller.tenantId) };
    return id === undefined ? reads.list(read) : reads.get(read, id);
  }

  return {
    name: 'xdr',
    hosts: HOSTS,
    tenantOf: claimedTenant,
    async handle(request) {
      const date = new Date(clock.now()).toUTCString();
      try {
        return withHeader(await answer(request), { date });
      } catch (cause) {
        return withHeader(faultAnswer(cause, random.uuid()), { date });
      }
    },
  };
}

function requireAccess(caller: LabCaller, needs: CallNeeds): void {
  const refusal = refusalOf(caller, needs);
  if (refusal === undefined) return;
  if (refusal.why === 'permission') {
    throw forbidden(`The token must hold one of: ${needs.permissions.slice(0, 2).join(', ')}.`);
  }
  if (refusal.why === 'role')
    throw forbidden(`The user has no role that allows to ${needs.access} incidents.`);
  throw forbidden('The tenant is not provisioned for Microsoft 365 Defender.');
}

const forbidden = (message: string): ApiFault => new ApiFault(403, 'Forbidden', message);

const unauthorized = (why: string, challenge: string): ApiFault =>
  new ApiFault(401, 'Unauthorized', `Authentication failed: ${why}.`, { 'www-authenticate': challenge });

function requireMethod({ method }: LabRequest, allow: 'GET' | 'POST'): void {
  if (method === allow) return;
  throw new ApiFault(405, 'BadRequest', `${method} is not offered here.`, { allow });
}

const withHeader = (answer: LabAnswer, headers: Readonly<Record<string, string>>): LabAnswer => ({
  ...answer,
  headers: { ...answer.headers, ...headers },
});

/** The error body that XDR and Defender for Endpoint share; `target` is the id to quote to support. */
function faultAnswer(cause: unknown, target: string): LabAnswer {
  const { status, code, message, headers } = asFault(cause);
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ error: { code, message, target } }),
  };
}

function asFault(cause: unknown): ApiFault {
  if (cause instanceof ApiFault) return cause;
  if (cause instanceof QueryError) return new ApiFault(400, 'BadRequest', cause.message);
  if (cause instanceof FilterError) return new ApiFault(400, 'ODataError', cause.message);
  throw cause;
}
