import type { LabAnswer, LabRequest, LabService, TokenJudge } from '../../lab/service.ts';
import type { CrossingTenant } from './tenants.ts';
import { usersOf } from './users.ts';

const PATHS: Readonly<Record<string, 'graph' | 'xdr'>> = {
  '/v1.0/security/runHuntingQuery': 'graph',
  '/api/advancedhunting/run': 'xdr',
};
const COLUMNS = ['Tenant', 'Person', 'Query', 'Row'];
const ROWS = 3;
export const NO_PERSON = 'none';

/** Hunting in front of the lab's Defender: the rows say who was let in by the token, and what they asked. */
export function withHunting(
  service: LabService,
  { tenants, judge }: { readonly tenants: readonly CrossingTenant[]; readonly judge: TokenJudge },
): LabService {
  const marks = new Map(tenants.map(({ tenant, mark }) => [tenant.id, mark]));
  const persons = new Map(
    tenants.flatMap((of) => usersOf(of).map(({ tenantId, id, mark }) => [`${tenantId} ${id}`, mark])),
  );

  async function hunt(request: LabRequest, family: 'graph' | 'xdr'): Promise<LabAnswer> {
    const verdict = await judge.verify(request.headers.authorization, [request.url.origin]);
    if (!verdict.ok)
      return { status: 401, body: { error: { code: 'Unauthorized', message: verdict.reason } } };
    const { tenantId, user, challenge } = verdict.caller;
    if (challenge !== undefined) return service.handle(request);
    const { Query } = JSON.parse(request.body.toString()) as { readonly Query: string };
    const Tenant = marks.get(tenantId);
    const Person = user === undefined ? NO_PERSON : persons.get(`${tenantId} ${user.id}`);
    const rows = Array.from({ length: ROWS }, (_, Row) => ({ Tenant, Person, Query, Row }));
    if (family === 'xdr')
      return {
        status: 200,
        body: { Schema: COLUMNS.map((Name) => ({ Name, Type: 'String' })), Results: rows },
      };
    return {
      status: 200,
      body: { schema: COLUMNS.map((name) => ({ name, type: 'String' })), results: rows },
    };
  }

  return {
    ...service,
    handle(request) {
      const family = PATHS[request.url.pathname];
      return family === undefined ? service.handle(request) : hunt(request, family);
    },
  };
}
