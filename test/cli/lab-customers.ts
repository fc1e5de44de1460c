import type { LoggedRequest } from '../../lab/net/request-log.ts';
import type { SessionTenant } from '../../lab/session/events.ts';
import { createRoster } from '../../lab/session/roster.ts';
import { createWorld } from '../../lab/world.ts';

/** The two customers of a lab's world, as a session has them. */
export const world = createWorld({ tenants: 2 });
export const tenants: readonly SessionTenant[] = world.tenants.map(({ id, name, api, credential }) => ({
  id,
  name,
  api,
  credential: credential.kind,
}));
export const roster = createRoster(tenants);
export const [fabrikam, northwind] = tenants as readonly [SessionTenant, SessionTenant];

export const request = (change: Partial<LoggedRequest>): LoggedRequest => ({
  time: '2026-01-01T00:00:01.000Z',
  service: 'graph',
  tenant: fabrikam.id,
  method: 'GET',
  path: '/v1.0/security/incidents',
  status: 200,
  ms: 1,
  ...change,
});
