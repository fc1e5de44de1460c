import { expect, it } from 'vitest';
import { rolesIn } from '../../shared/app-onboarding.ts';
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
