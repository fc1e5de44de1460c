import { expect, it } from 'vitest';
import { rolesIn } from '../../shared/app-onboarding.ts';
import { confirmConsent } from '../../shared/tenants/onboarding/confirm-consent.ts';
import { neededRoles } from '../../shared/tenants/onboarding/needed-roles.ts';
import { tenantWith } from '../support/tenant-with.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { GRAPH_ROLES } from './onboarding-rig.ts';
import { guid } from './registry-rig.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (claims: object): string => `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;
const OWN = { tid: guid(1), roles: GRAPH_ROLES };

it('the roles of a tenant’s token are those of its own, issued to an app', () => {
  expect(rolesIn(token(OWN), guid(1))).toEqual(GRAPH_ROLES);
  expect(rolesIn(token({ ...OWN, roles: undefined }), guid(1))).toEqual([]);
  const others = [
    { ...OWN, tid: guid(2) },
    { ...OWN, tid: undefined },
    { ...OWN, scp: 'access_as_user' },
    { ...OWN, idtyp: 'user' },
  ];
  for (const claims of others) {
    expect(() => rolesIn(token(claims), guid(1))).toThrow(expect.objectContaining({ code: 'auth.refused' }));
  }
  for (const text of ['', 'a.b.c', 'opaque']) expect(() => rolesIn(text, guid(1))).toThrow(/cannot be read/);
});

it('the tries end when nobody waits for them any more, with what was found out by then', async () => {
  const ends = new AbortController();
  let tries = 0;
  const found = await confirmConsent({
    candidate: tenantWith({}, guid(1)),
    needed: neededRoles({ api: 'graph', huntingApi: 'graph' }),
    async readRoles() {
      tries += 1;
      if (tries === 2) ends.abort();
      return new Map([['graph', GRAPH_ROLES.slice(0, 1)]]);
    },
    clock: createVirtualClock(),
    signal: ends.signal,
  });
  expect([tries, found.kind, 'missing' in found && found.missing.length]).toEqual([2, 'confirmed', 2]);
});
