import { Readable } from 'node:stream';
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { createDefender } from '../../lab/defender/defender.ts';
import type { DefenderSettings } from '../../lab/defender/settings.ts';
import type { LabAnswer, LabService, TokenJudge } from '../../lab/service.ts';
import type { CallLimits } from '../../shared/clients/call.ts';
import { createGraphIncidents } from '../../shared/clients/graph-incidents.ts';
import { createPace } from '../../shared/clients/pace.ts';
import { createTransport } from '../../shared/clients/transport.ts';
import { createXdrIncidents } from '../../shared/clients/xdr-incidents.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import type { Sent } from './fake-wire.ts';

const ROLES = ['SecurityIncident.Read.All', 'SecurityAlert.Read.All', 'Incident.Read.All'];

/** The lab's Defender behind our clients, without sockets and in virtual time. A token is the tenant's id. */
export function labClients(
  settings: Partial<DefenderSettings> = {},
  roles: readonly string[] = ROLES,
  limits: Partial<CallLimits> = {},
) {
  const clock = createJumpingClock();
  const judge: TokenJudge = {
    async verify(authorization) {
      const tenantId = authorization?.slice('Bearer '.length) ?? '';
      return { ok: true, caller: { tenantId, appId: 'app', roles, scopes: [] } };
    },
  };
  const defender = createDefender({ clock, judge, settings, seed: 3 });
  const sent: Sent[] = [];
  const transport = createTransport({
    getToken: async ({ tenant }) => tenant,
    clock,
    version: '0.0.0',
    pace: createPace({ clock, maxWaitMs: 60_000 }),
    limits,
    httpClient: wireTo(defender.services, sent, () => clock.now()),
  });
  const graph = createGraphIncidents({ transport, cloud: CLOUDS.global });
  const xdr = createXdrIncidents({ transport, cloud: CLOUDS.global });
  return { clock, defender, graph, xdr, sent };
}

/** Plays the front of the lab: hands requests to the service of the host and adds `Date`. */
function wireTo(services: readonly LabService[], sent: Sent[], now: () => number): HttpClient {
  return {
    async sendRequest(request) {
      const url = new URL(request.url);
      const headers = request.headers.toJSON();
      sent.push({ method: request.method, url: url.href, headers, body: request.body });
      const service = services.find(({ hosts }) => hosts.includes(url.host));
      if (!service) throw new Error(`nobody answers for ${url.host}`);
      const answer = await service.handle({
        method: request.method,
        url,
        rawTarget: `${url.pathname}${url.search}`,
        headers,
        body: Buffer.alloc(0),
      });
      return {
        request,
        status: answer.status,
        headers: createHttpHeaders({ ...answer.headers, date: new Date(now()).toUTCString() }),
        readableStreamBody: Readable.from([bytesOf(answer)]),
      };
    },
  };
}

function bytesOf({ body = '' }: LabAnswer): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
