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

  it('that change something are offered as the type of what may be asked for', () => {
    const type = project.get('types.bicep')?.types.find(({ name }) => name === 'response')?.type;
    const offered =
      type?.kind === 'union' ? type.members.map((member) => 'value' in member && member.value) : [];
    const changes = variableOf(project.get('entra/permissionNames.bicep'), 'changeRoles');
    expect([...offered].sort()).toEqual(Object.keys(changes as object).sort());
  });

  it('are never named by id: an id that is wrong in public is granted in silence', () => {
    // Application ids of Microsoft's APIs, and nothing else.
    const ids = [...project.values()]
      .filter(({ path }) => path.startsWith('entra/') || path.startsWith('sizes/'))
      .flatMap(({ text }) => text.match(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi) ?? []);
    const apis = variableOf(project.get('entra/permissionNames.bicep'), 'apiIds') as Values;
    expect(ids.sort()).toEqual(Object.values(apis).sort());
    expect(apis).toEqual({
      graph: '00000003-0000-0000-c000-000000000000',
      xdr: '8ee8fdad-f234-4243-8f3b-15c294843740',
      mde: 'fc780465-2017-40d4-a0c5-307022471b92',
    });
  });
});

it('the API’s app roles are those that the code asks for', () => {
  const roles = variableOf(project.get('entra/apiRoles.bicep'), 'apiRoles') as readonly Values[];
  expect(roles.map(({ value }) => value).sort()).toEqual([...new Set<string>(Object.values(ACTIONS))].sort());
});

describe('people', () => {
  const appOf = (path: string) => project.get(path)?.resources.find(({ name }) => name === 'app')?.value;

  it('come with the scope that the code asks for', () => {
    const scopes = propertyOf(appOf('entra/apiApp.bicep'), 'api', 'oauth2PermissionScopes');
    const [scope] = scopes?.kind === 'array' ? scopes.items : [];
    const value = propertyOf(scope, 'value');
    expect(value && literalText(value)).toBe(USER_SCOPE);
  });

  it('sign in at the command line with a redirect to their own machine, by a client without a credential', () => {
    const app = appOf('entra/cliApp.bicep');
    const redirects = propertyOf(app, 'publicClient', 'redirectUris');
    // Any port may follow: https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions
    expect(redirects?.kind === 'array' && redirects.items.map(literalText)).toEqual(['http://localhost']);
    expect(propertyOf(app, 'isFallbackPublicClient')).toMatchObject({ value: true });
  });

  it('see the groups of tenants whose roles they are given', () => {
    const file = project.get('entra/apiRoles.bicep');
    const role = file && (callFunction(file, 'groupRole', ['emea']) as Values).value;
    const caller = { kind: 'user', tenantId: 't', objectId: 'o', scopes: [], roles: [String(role)] } as const;
    expect(reachOf(caller, { homeTenantId: 't', tenantGroups: undefined })).toEqual({
      kind: 'groups',
      names: new Set(['emea']),
    });
  });
});

it('callers that the sizes let in have roles that there are', () => {
  const known = new Set<string>(Object.values(ACTIONS));
  const given = [...project.values()].flatMap((file) =>
    expressionsIn(file).flatMap((root) =>
      [...within(root)].flatMap((expr) => {
        const roles = expr.kind === 'object' ? propertyOf(expr, 'roles') : undefined;
        return roles?.kind === 'array' ? roles.items.map((item) => literalText(item) ?? '') : [];
      }),
    ),
  );
  expect(given.length).toBeGreaterThan(3);
  expect(given.filter((role) => !known.has(role))).toEqual([]);
});
