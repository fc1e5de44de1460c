import type { Cloud } from '../clouds.ts';
import type { Capability } from '../permissions.ts';
import type { CallAnswer } from '../preflight/ports.ts';
import type { Tenant } from '../tenant.ts';
import type { Call } from './call.ts';
import type { Transport } from './transport.ts';

/** Somebody waits for the answer: one retry, and no long wait. */
const LIMITS = { attemptMs: 20_000, totalMs: 30_000, retries: 1 } as const;
/** Touches no table, so it costs next to nothing and works in every tenant. */
const TRIVIAL_QUERY = 'print Outrider = 1';

type Question = Pick<
  Call,
  'resource' | 'family' | 'method' | 'permission' | 'purpose' | 'body' | 'expected'
> & {
  readonly path: string;
};

const read = { method: 'GET' } as const;
const hunt = {
  method: 'POST',
  purpose: 'run a hunting query',
  body: JSON.stringify({ Query: TRIVIAL_QUERY }),
} as const;

/** Reads that change nothing and are as small as the service gives them, by capability and, where it matters, API. */
const QUESTIONS = {
  incidents: {
    graph: {
      ...read,
      resource: 'graph',
      family: 'graph.security',
      path: '/v1.0/security/incidents?$top=1',
      permission: 'SecurityIncident.Read.All',
      purpose: 'read incidents',
    },
    xdr: {
      ...read,
      resource: 'xdr',
      family: 'xdr.incidents',
      path: '/api/incidents?$top=1',
      permission: 'Incident.Read.All',
      purpose: 'read incidents',
    },
  },
  alerts: {
    ...read,
    resource: 'graph',
    family: 'graph.security',
    path: '/v1.0/security/alerts_v2?$top=1',
    permission: 'SecurityAlert.Read.All',
    purpose: 'read alerts',
  },
  hunting: {
    graph: {
      ...hunt,
      resource: 'graph',
      path: '/v1.0/security/runHuntingQuery',
      permission: 'ThreatHunting.Read.All',
    },
    xdr: {
      ...hunt,
      resource: 'xdr',
      path: '/api/advancedhunting/run',
      permission: 'AdvancedHunting.Read.All',
    },
  },
  // https://learn.microsoft.com/defender-endpoint/api/get-machines: 404 where there are no recent devices.
  deviceActions: {
    ...read,
    resource: 'mde',
    family: 'mde',
    path: '/api/machines?$top=1',
    permission: 'Machine.Read.All',
    purpose: 'read devices',
    expected: [404],
  },
  identityActions: {
    ...read,
    resource: 'graph',
    family: 'graph.security',
    path: '/v1.0/security/identities/identityAccounts?$top=1',
    permission: 'SecurityIdentitiesAccount.Read.All',
    purpose: 'read identity accounts',
  },
} as const satisfies Record<Capability, Question | { readonly graph: Question; readonly xdr: Question }>;

function questionFor(capability: Capability, { api, huntingApi = 'graph' }: Tenant): Question {
  switch (capability) {
    case 'incidents':
      return QUESTIONS.incidents[api];
    case 'hunting':
      return QUESTIONS.hunting[huntingApi];
    default:
      return QUESTIONS[capability];
  }
}

/**
 * Asks the API behind a capability one small question, by the transport and the pace that all other calls have.
 *
 * @param huntTurn awaited before a hunting call: the tenant's share, which instances have in common
 */
export function createPreflightCalls({
  transport,
  cloud,
  huntTurn = async () => {},
}: {
  readonly transport: Transport;
  readonly cloud: Pick<Cloud, 'resources'>;
  readonly huntTurn?: ((tenant: string, signal?: AbortSignal) => Promise<void>) | undefined;
}): (tenant: Tenant, capability: Capability, signal?: AbortSignal) => Promise<CallAnswer> {
  return async (tenant, capability, signal) => {
    const { path, ...question } = questionFor(capability, tenant);
    const { origin } = cloud.resources[question.resource];
    const { status } = await transport.send({
      ...question,
      tenant: tenant.id,
      origin,
      url: `${origin}${path}`,
      signal,
      idempotent: true,
      beginningOnly: true,
      limits: LIMITS,
      ...(question.family === undefined ? { turn: () => huntTurn(tenant.id, signal) } : {}),
    });
    return { status, asked: `${question.method} ${origin}${path.replace(/\?.*/, '')}` };
  };
}
