import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../shared/caller.ts';
import { ACTIONS, type Action, CUSTOMER_ACTIONS } from '../../shared/http/actions.ts';
import { createAccess, unknownTenant } from '../../shared/http/authorize.ts';

const HOME = '11111111-2222-4333-8444-555555555555';
const [PERSON, TEAM, OTHER] = ['3', '4', '5'].map(
  (digit) => `${digit.repeat(8)}-3333-4333-8333-333333333333`,
);
const ALL_ROLES = [...new Set(Object.values(ACTIONS))];
const tenant = (digit: string, ...groups: string[]) => ({
  id: `${digit.repeat(8)}-2222-4222-8222-222222222222`,
  ...(groups.length > 0 ? { groups } : {}),
});
const BANK = tenant('a', 'EMEA', 'banks');
const SHOP = tenant('b', 'apac');
const LONER = tenant('c');
const TENANTS = [BANK, SHOP, LONER];

const app = (over: Partial<Caller> = {}): Caller => ({
  kind: 'app',
  tenantId: HOME,
  objectId: PERSON ?? '',
  roles: ALL_ROLES,
  scopes: [],
  ...over,
});
const withRoles = (...roles: string[]): Caller => app({ roles: [...ALL_ROLES, ...roles] });

/** Ids of the tenants that a caller sees, by both ways of asking; they must agree. */
function seen(caller: Caller, groups?: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const tenantGroups = groups && new Map(Object.entries(groups));
  const access = createAccess({ homeTenantId: HOME, tenantGroups });
  const visible = access.visibleTenants(caller, 'incidents.read', TENANTS);
  for (const each of TENANTS) {
    const one = (): void => access.authorize(caller, 'incidents.read', each);
    if (visible.includes(each)) one();
    else expect(one).toThrow(unknownTenant(each.id));
  }
  expect(access.seesAll(caller)).toBe(
    createAccess({ homeTenantId: HOME, tenantGroups }).visibleTenants(caller, 'incidents.read', [
      ...TENANTS,
      tenant('f'),
    ]).length === 4,
  );
  return visible.map(({ id }) => id);
}
const ids = (...tenants: readonly { readonly id: string }[]): readonly string[] =>
  tenants.map(({ id }) => id);

describe('an action', () => {
  const access = createAccess({ homeTenantId: HOME, tenantGroups: undefined });
  const codeOf = (caller: Caller, action: Action): string => {
    try {
      access.authorize(caller, action, undefined);
      return 'ok';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it('is opened by its role alone, exactly as it is written', () => {
    for (const [action, role] of Object.entries(ACTIONS) as [Action, string][]) {
      expect(codeOf(app({ roles: [role] }), action)).toBe('ok');
      const near = [role.toLowerCase(), `${role}.All`, ` ${role}`, role.slice(0, -1)];
      const roles = [...ALL_ROLES.filter((other) => other !== role), ...near];
      expect(codeOf(app({ roles }), action)).toBe('request.forbidden');
    }
  });

  it('is opened to a user by role and scope together, whoever the client app is', () => {
    const user = app({ kind: 'user', scopes: ['access_as_user'] });
    expect(codeOf(user, 'hunts.run')).toBe('ok');
    expect(codeOf({ ...user, scopes: [] }, 'hunts.run')).toBe('request.forbidden');
    expect(codeOf({ ...user, scopes: ['Access_As_User', 'Hunts.Run'] }, 'hunts.run')).toBe(
      'request.forbidden',
    );
    expect(codeOf({ ...user, roles: [] }, 'hunts.run')).toBe('request.forbidden');
  });

  it('says which of the two is missing', () => {
    const user = app({ kind: 'user', roles: [] });
    expect(() => access.authorize(user, 'hunts.run', undefined)).toThrow(/lacks the scope access_as_user/);
    const scoped = { ...user, scopes: ['access_as_user'] };
    expect(() => access.authorize(scoped, 'hunts.run', undefined)).toThrow(
      /lacks the app role Hunts\.Run .* to the user/,
    );
  });

  it('of the deployment itself is none of a customer’s', () => {
    for (const action of Object.keys(ACTIONS) as Action[]) {
      const expected = CUSTOMER_ACTIONS.has(action) ? 'ok' : 'request.forbidden';
      expect(codeOf(app({ tenantId: BANK.id }), action)).toBe(expected);
    }
  });

  it('opens nothing where the deployment has no directory of its own', () => {
    const none = createAccess({ homeTenantId: undefined, tenantGroups: undefined });
    expect(none.visibleTenants(app(), 'incidents.read', TENANTS)).toEqual([]);
    expect(none.seesAll(app())).toBe(false);
  });
});

describe('the tenants that a caller sees', () => {
  it('are all, without any group', () => expect(seen(app())).toEqual(ids(...TENANTS)));

  it('are a customer’s own, whatever it has been assigned there', () => {
    for (const roles of [[], ['Tenants.Group.apac'], ['Tenants.Group.emea', TEAM ?? '']]) {
      const caller = app({ tenantId: BANK.id, roles: [...ALL_ROLES, ...roles], groups: [TEAM ?? ''] });
      expect(seen(caller)).toEqual(ids(BANK));
      expect(seen(caller, { [PERSON ?? '']: ['*'], [TEAM ?? '']: ['apac'] })).toEqual(ids(BANK));
    }
    expect(seen(app({ tenantId: OTHER ?? '' }))).toEqual([]);
  });

  it('are those of the groups that its app roles name, in any letter case', () => {
    expect(seen(withRoles('Tenants.Group.emea'))).toEqual(ids(BANK));
    expect(seen(withRoles('Tenants.Group.APAC', 'Tenants.Group.banks'))).toEqual(ids(BANK, SHOP));
  });

  it.each([
    'Tenants.Group.emae',
    'Tenants.Group.',
    'Tenants.Group',
    'tenants.group.x',
    'Tenants.Groups.emae',
    'Tenants.Group.*',
    'Tenants.Group.em',
    'Tenants.Group.emea.x',
  ])('are none with the misspelt role %s', (role) => {
    expect(seen(withRoles(role))).toEqual([]);
  });

  it('are those that the setting gives its object id, a security group or a role of it, together', () => {
    const setting = { [PERSON ?? '']: ['emea'], [TEAM ?? '']: ['apac'], Analysts: ['banks'] };
    expect(seen(app(), setting)).toEqual(ids(BANK));
    expect(seen(app({ groups: [(TEAM ?? '').toUpperCase()] }), setting)).toEqual(ids(BANK, SHOP));
    expect(seen(app({ objectId: OTHER ?? '', roles: [...ALL_ROLES, 'Analysts'] }), setting)).toEqual(
      ids(BANK),
    );
    expect(seen(withRoles('Tenants.Group.apac'), { [PERSON ?? '']: ['emea'] })).toEqual(ids(BANK, SHOP));
  });

  it('are none where the setting is there and gives nothing', () => {
    expect(seen(app(), {})).toEqual([]);
    expect(seen(app({ groups: undefined }), { [TEAM ?? '']: ['emea'] })).toEqual([]);
    expect(seen(app(), { analysts: ['emea'], [OTHER ?? '']: ['*'] })).toEqual([]);
    expect(seen(app({ roles: [...ALL_ROLES, 'Analysts'] }), { Analysts: [] })).toEqual([]);
  });

  it('are all with * for the object id, unless a group is given as well', () => {
    expect(seen(app(), { [PERSON ?? '']: ['*'] })).toEqual(ids(...TENANTS));
    expect(seen(withRoles('Tenants.Group.apac'), { [PERSON ?? '']: ['*'] })).toEqual(ids(SHOP));
    expect(seen(app({ groups: [TEAM ?? ''] }), { [TEAM ?? '']: ['*'] })).toEqual([]);
    expect(seen(app({ roles: [...ALL_ROLES, '*'] }), { '*': ['*'] })).toEqual([]);
  });

  it('are never more with less: what a token leaves out, or a setting loses, only narrows', () => {
    const words = fc.constantFrom('emea', 'apac', 'banks', 'nobody');
    const keys = fc.constantFrom(PERSON ?? '', TEAM ?? '', OTHER ?? '', 'Analysts');
    const setting = fc.dictionary(keys, fc.array(words, { minLength: 1, maxLength: 2 }), { maxKeys: 4 });
    const groups = fc.subarray([TEAM ?? '', OTHER ?? '']);
    const roles = fc.subarray(['Analysts', 'Tenants.Group.apac', 'Tenants.Group.nobody']);
    fc.assert(
      fc.property(setting, groups, roles, keys, (given, inGroups, inRoles, lost) => {
        const caller = app({ groups: inGroups, roles: [...ALL_ROLES, ...inRoles] });
        const all = new Set(seen(caller, given));
        const { [lost]: _lost, ...rest } = given;
        for (const less of [seen(caller, rest), seen({ ...caller, groups: undefined }, given)]) {
          for (const id of less) expect(all).toContain(id);
        }
      }),
      { numRuns: 300 },
    );
  });
});
