import { beforeAll, describe, expect, it } from 'vitest';
import { ACTIONS } from '../../shared/http/actions.ts';
import { USER_SCOPE } from '../../shared/http/authorize.ts';
import { reachOf } from '../../shared/http/reach.ts';
import { PERMISSIONS } from '../../shared/permissions.ts';
import { literalText } from './bicep/expressions.ts';
import { expressionsIn, propertyOf, within } from './checks/walk.ts';
import { callFunction, type Value, type Values, variableOf } from './evaluate.ts';
import { infra, type Project } from './project.ts';
import { spoilt } from './samples.ts';

let project: Project;
beforeAll(async () => {
  project = await infra();
});

describe('permissions', () => {
  interface Row {
    readonly capability: string;
    readonly resource: string;
    readonly roles: readonly string[];
    readonly scopes: readonly string[];
    readonly changes: boolean;
  }
  const least = (rows: readonly Row[], what: 'roles' | 'scopes'): Record<string, string[]> =>
    Object.fromEntries(
      ['graph', 'xdr', 'mde'].map((api) => [
        api,
        [...new Set(rows.filter(({ resource }) => resource === api).map((row) => row[what][0] ?? ''))].sort(),
      ]),
    );
  const sorted = (value: Value): unknown =>
    Object.fromEntries(
      Object.entries(value as Record<string, string[]>).map(([key, names]) => [key, [...names].sort()]),
    );
  const faults = (from: Project): string[] => {
    const file = from.get('entra/permissionNames.bicep');
    const reads = PERMISSIONS.filter(({ changes }) => !changes);
    const found: string[] = [];
    const compare = (what: string, is: unknown, wanted: unknown): void => {
      if (JSON.stringify(is) !== JSON.stringify(wanted)) found.push(what);
    };
    for (const what of ['roles', 'scopes'] as const) {
      const suffix = what === 'roles' ? 'Roles' : 'Scopes';
      compare(`read${suffix}`, sorted(variableOf(file, `read${suffix}`)), least(reads, what));
      const changes = variableOf(file, `change${suffix}`) as Readonly<Record<string, Value>>;
      const changing = PERMISSIONS.filter((row) => row.changes);
      const capabilities = [...new Set(changing.map(({ capability }) => capability as string))].sort();
      compare(`change${suffix}`, Object.keys(changes).sort(), capabilities);
      for (const capability of capabilities) {
        const rows = changing.filter((row) => row.capability === capability);
        compare(`change${suffix}.${capability}`, sorted(changes[capability] ?? {}), least(rows, what));
      }
    }
    return found;
  };

  it('are the least of each line of the code’s table: reading ones by default, changing ones when asked for', () => {
    expect(faults(project)).toEqual([]);
  });

  it.each([
    [
      'readRoles',
      "'ThreatHunting.Read.All', 'SecurityIdentitiesAccount.Read.All']\n  xdr: ['Incident.Read.All'",
      "'ThreatHunting.Read.All']\n  xdr: ['Incident.Read.All'",
    ],
    ['readScopes', "xdr: ['Incident.Read', ", "xdr: ['Incident.ReadWrite', "],
    [
      'changeRoles.deviceActions',
      "mde: ['Machine.Isolate'] }\n  identityActions: { graph: ['SecurityIdentitiesActions.ReadWrite.All'], xdr: [], mde: [] }\n}\n\n@export()\n@description('Delegated",
      "mde: ['Machine.Offboard'] }\n  identityActions: { graph: ['SecurityIdentitiesActions.ReadWrite.All'], xdr: [], mde: [] }\n}\n\n@export()\n@description('Delegated",
    ],
    ['changeScopes', '  identityActions: {', '  everything: {'],
  ])('or else: %s', async (what, from, to) => {
    expect(faults(await spoilt(project, 'entra/permissionNames.bicep', from, to))).toContain(what);
  });

  /** What may be asked for, by its type, and what there is to be asked for. */
  const offered = (from: Project): readonly string[] => {
    const type = from.get('types.bicep')?.types.find(({ name }) => name === 'response')?.type;
    const members = type?.kind === 'union' ? type.members : [];
    return members.map((member) => ('value' in member ? String(member.value) : '')).sort();
  };

  it('that change something are offered as the type of what may be asked for', async () => {
    const changes = variableOf(project.get('entra/permissionNames.bicep'), 'changeRoles');
    expect(offered(project)).toEqual(Object.keys(changes as object).sort());
    const wrong = await spoilt(project, 'types.bicep', " | 'identityActions'", '');
    expect(offered(wrong)).not.toEqual(offered(project));
  });

  /** Ids that are written down, but for those of Microsoft's APIs. */
  const idsOf = (from: Project): readonly string[] => {
    const apis = variableOf(from.get('entra/permissionNames.bicep'), 'apiIds') as Values;
    return [...from.values()]
      .filter(({ path }) => path.startsWith('entra/') || path.startsWith('sizes/'))
      .flatMap(({ text }) => text.match(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi) ?? [])
      .filter((id) => !Object.values(apis).includes(id));
  };

  it('are never named by id: an id that is wrong in public is granted in silence', async () => {
    expect(idsOf(project)).toEqual([]);
    const id = '45cc0394-e837-488b-a098-1918f48d186c';
    expect(
      idsOf(await spoilt(project, 'entra/grants.bicep', 'role.value == name', `role.id == '${id}'`)),
    ).toEqual([id]);
    expect(variableOf(project.get('entra/permissionNames.bicep'), 'apiIds')).toEqual({
      graph: '00000003-0000-0000-c000-000000000000',
      xdr: '8ee8fdad-f234-4243-8f3b-15c294843740',
      mde: 'fc780465-2017-40d4-a0c5-307022471b92',
    });
  });
});

describe('the API’s app roles', () => {
  const rolesOf = (from: Project): unknown[] =>
    (variableOf(from.get('entra/apiRoles.bicep'), 'apiRoles') as readonly Values[])
      .map(({ value }) => value)
      .sort();
  const asked = [...new Set<string>(Object.values(ACTIONS))].sort();

  it('are those that the code asks for', async () => {
    expect(rolesOf(project)).toEqual(asked);
    const wrong = await spoilt(project, 'entra/apiRoles.bicep', "'Hunts.Run'", "'Hunts.Start'");
    expect(rolesOf(wrong)).not.toEqual(asked);
  });
});

describe('people', () => {
  const appOf = (from: Project, path: string) =>
    from.get(path)?.resources.find(({ name }) => name === 'app')?.value;

  it('come with the scope that the code asks for', async () => {
    const scope = (from: Project) => {
      const scopes = propertyOf(appOf(from, 'entra/apiApp.bicep'), 'api', 'oauth2PermissionScopes');
      const [first] = scopes?.kind === 'array' ? scopes.items : [];
      const value = propertyOf(first, 'value');
      return value && literalText(value);
    };
    expect(scope(project)).toBe(USER_SCOPE);
    const wrong = await spoilt(project, 'entra/apiApp.bicep', "value: 'access_as_user'", "value: 'user'");
    expect(scope(wrong)).not.toBe(USER_SCOPE);
  });

  it('sign in at the command line with a redirect to their own machine', async () => {
    const redirects = (from: Project) => {
      const uris = propertyOf(appOf(from, 'entra/cliApp.bicep'), 'publicClient', 'redirectUris');
      return uris?.kind === 'array' && uris.items.map(literalText);
    };
    // Any port may follow: https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions
    expect(redirects(project)).toEqual(['http://localhost']);
    const wrong = await spoilt(project, 'entra/cliApp.bicep', "'http://localhost'", "'https://example.org'");
    expect(redirects(wrong)).not.toEqual(['http://localhost']);
  });

  it('see the groups of tenants whose roles they are given', async () => {
    const reach = (from: Project) => {
      const file = from.get('entra/apiRoles.bicep');
      const role = file && (callFunction(file, 'groupRole', ['emea']) as Values).value;
      const caller = {
        kind: 'user',
        tenantId: 't',
        objectId: 'o',
        scopes: [],
        roles: [String(role)],
      } as const;
      return reachOf(caller, { homeTenantId: 't', tenantGroups: undefined });
    };
    expect(reach(project)).toEqual({ kind: 'groups', names: new Set(['emea']) });
    expect(reach(await spoilt(project, 'entra/apiRoles.bicep', 'Tenants.Group.', 'Group.'))).toEqual({
      kind: 'all',
    });
  });
});

describe('callers that the sizes let in', () => {
  const known = new Set<string>(Object.values(ACTIONS));
  const given = (from: Project): string[] =>
    [...from.values()].flatMap((file) =>
      expressionsIn(file).flatMap((root) =>
        [...within(root)].flatMap((expr) => {
          const roles = expr.kind === 'object' ? propertyOf(expr, 'roles') : undefined;
          return roles?.kind === 'array' ? roles.items.map((item) => literalText(item) ?? '') : [];
        }),
      ),
    );
  const unknown = (from: Project): string[] => given(from).filter((role) => !known.has(role));

  it('have roles that there are', async () => {
    expect(given(project).length).toBeGreaterThan(3);
    expect(unknown(project)).toEqual([]);
    const path = 'sizes/partner.entra.bicepparam';
    expect(unknown(await spoilt(project, path, "'Hunts.Run'", "'Hunts.Start'"))).toEqual(['Hunts.Start']);
  });
});
