import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { personOf } from '../../../lab/people.ts';
import { createStandIns } from '../../../lab/stand-ins.ts';
import { issueUserToken, type UserTokenOptions } from '../../../lab/user-token.ts';

const standIns = createStandIns({ clock: { now: Date.now } });
const { world, directory, entra } = standIns;
const customer = world.tenants[0]?.id ?? '';
const claims = async (options?: UserTokenOptions) =>
  decodeJwt(await issueUserToken({ entra, world, directory }, options));

test('by default the operator at home, with the app roles that the directory gives', async () => {
  expect(await claims()).toMatchObject({
    aud: world.api.clientId,
    azp: world.commandLine.clientId,
    azpacr: '0',
    oid: personOf(world, world.home.id, 'operator').id,
    preferred_username: 'operator@contoso-security.example',
    roles: ['Incidents.Read', 'Incidents.Sync', 'Hunts.Read', 'Hunts.Run', 'Tenants.Read'],
    scp: 'access_as_user',
    tid: world.home.id,
  });
});

test('anybody of any tenant, with other roles and scopes', async () => {
  const order = { part: 'outsider', tenantId: customer, roles: ['Hunts.Run'], scopes: ['other'] } as const;
  expect(await claims(order)).toMatchObject({
    oid: personOf(world, customer, 'outsider').id,
    roles: ['Hunts.Run'],
    scp: 'other',
    tid: customer,
  });
  expect((await claims({ part: 'outsider' })).roles).toBeUndefined();
  expect(() => personOf(world, 'nowhere', 'admin')).toThrow(/no admin/);
});

test('every customer has an admin, an operator, a reader and an outsider, and guests from home', () => {
  const there = directory.users.filter(({ tenantId }) => tenantId === customer);
  expect(there.map(({ defender, isAdmin, guestOf }) => [defender, isAdmin, guestOf !== undefined])).toEqual([
    ['write', true, false],
    ['write', false, false],
    ['read', false, false],
    ['none', false, false],
    ['write', false, true],
    ['read', false, true],
  ]);
  expect(new Set(directory.users.map(({ id }) => id)).size).toBe(directory.users.length);
});
