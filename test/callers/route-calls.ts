import { expect } from 'vitest';
import type { ApiRoute } from '../../shared/http/routes-table.ts';
import type { Answer } from '../http/outrider-app.ts';
import type { CallersApp } from './callers-app.ts';
import { ALL_ROLES } from './callers-kinds.ts';

export const HUNT = { query: 'DeviceInfo | take 1' };
/** Bodies of routes that want one, sound or not: nobody who may not is told which. */
const BODIES: Readonly<Record<string, object>> = {
  'start-hunt': HUNT,
  'start-hunts': HUNT,
  'check-query': HUNT,
};
export const LATER = { prefer: 'respond-async' };

export interface RouteCalls {
  /** What stands in the routes: all of the tenant in `emea`. */
  readonly values: Readonly<Record<string, string>>;
  /** A hunt in `emea` and `apac`. */
  readonly sharedGroup: string;
  pathOf(route: ApiRoute, over?: Readonly<Record<string, string>>): string;
  ask(route: ApiRoute, token: string | undefined, more?: More): Promise<Answer>;
}

interface More {
  /** Other values in the route. */
  readonly over?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Stores an incident and hunts, so that every route has something to answer with. */
export async function prepareRouteCalls(lab: CallersApp): Promise<RouteCalls> {
  const { app, emea, apac } = lab;
  const { id } = app.cloud.defender.tenant(emea).createIncident({ displayName: 'Stored' });
  await app.sync(emea);
  const all = await lab.token({ roles: ALL_ROLES });
  const versions = await lab.call(`/api/tenants/${emea}/incidents/${id}/versions`, all);
  const groupOf = async (...tenants: string[]) => {
    const hunts = await lab.call('/api/hunts', all, {
      method: 'POST',
      body: { ...HUNT, tenants },
      headers: LATER,
    });
    return hunts.json<{ groupId: string; hunts: { runId: string }[] }>();
  };
  const group = await groupOf(emea);
  const sharedGroup = (await groupOf(emea, apac)).groupId;
  const values: RouteCalls['values'] = {
    tenantId: emea,
    incidentId: id,
    version: versions.json<{ value: { version: string }[] }>().value[0]?.version ?? '',
    queryId: 'device-recovery-sabotage',
    groupId: group.groupId,
    runId: group.hunts[0]?.runId ?? '',
    findingId: '0'.repeat(32),
    invitationId: '77777777-7777-4777-8777-777777777777',
  };
  expect(Object.values(values)).not.toContain('');

  function pathOf({ path }: ApiRoute, over: Readonly<Record<string, string>> = {}): string {
    const filling: Readonly<Record<string, string>> = { ...values, ...over };
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(filling[name] ?? 'x'),
    );
    // Findings are asked for by tenant and query.
    const query = path.startsWith('findings') ? `?tenant=${filling.tenantId}&query=${filling.queryId}` : '';
    return `/api/${filled}${query}`;
  }

  return {
    values,
    sharedGroup,
    pathOf,
    ask(route, token, { over, headers } = {}) {
      const { name, method } = route;
      const body = method === 'GET' || method === 'DELETE' ? undefined : (BODIES[name] ?? {});
      return lab.call(pathOf(route, over), token, { method, body, headers: { ...LATER, ...headers } });
    },
  };
}
