import { ID } from '../azure.ts';
import { callFunction } from '../evaluate.ts';
import { type Row, wantsOf } from './look.ts';

/** What is asked for and granted in Entra ID: by name, and no more than was asked for. */
export const CONSENT_ROWS: readonly Row[] = [
  {
    row: 'what changes something, other tenants, work on behalf of people: only where it is asked for',
    wants: [
      ...['responses', 'tenantGroupNames', 'callerIdentities'].flatMap((name) =>
        wantsOf(`entra/main.bicep ${name}`, { '': [] }),
      ),
      ...['servesCustomers', 'onBehalfOf'].flatMap((name) =>
        wantsOf(`entra/main.bicep ${name}`, { '': false }),
      ),
      ...wantsOf('entra/main.bicep callers', { '': 'single-tenant' }),
      ...wantsOf('entra/customer.bicep responses', { '': [] }),
      ...['apiApp', 'apiAppCompleted'].flatMap((module) => [
        ...wantsOf(
          `entra/main.bicep ${module}`,
          { 'params.requiredAccess': [], 'params.federationPrincipalId': '' },
          { onBehalfOf: false },
        ),
        ...wantsOf(
          `entra/main.bicep ${module}`,
          { 'params.requiredAccess': ['scopes'], 'params.federationPrincipalId': 'fed' },
          {
            onBehalfOf: true,
            apis: ['graph'],
            federationPrincipalId: 'fed',
            scopesAsked: [{ outputs: { access: 'scopes' } }],
          },
        ),
      ]),
      ...wantsOf(
        'entra/main.bicep apiAppCompleted',
        { 'params.ownAppId': `${ID}3`, 'params.knownClientIds': [`${ID}5`] },
        {
          commandLine: true,
          apiApp: { outputs: { appId: `${ID}3` } },
          cliApp: { outputs: { appId: `${ID}5` } },
        },
      ),
      ...wantsOf(
        'entra/main.bicep cliApp',
        {
          'params.outriderAccess': {
            resourceAppId: `${ID}3`,
            resourceAccess: [{ id: 'scope', type: 'Scope' }],
          },
        },
        { apiApp: { outputs: { appId: `${ID}3`, scopeId: 'scope' } } },
      ),
    ],
  },
  {
    row: 'what reads is granted at once, what changes something where it is asked for, in each of the APIs',
    wants: [
      ...wantsOf('entra/main.bicep grantConsent', { '': true }),
      ...wantsOf('entra/main.bicep apis', { '': ['graph', 'xdr', 'mde'] }),
      ...wantsOf('entra/customer.bicep apis', { '': ['graph', 'xdr', 'mde'] }),
      ...(
        [
          ['entra/main.bicep grants', 'roleNames', 'Roles'],
          ['entra/main.bicep rolesAsked', 'roleNames', 'Roles'],
          ['entra/main.bicep scopesAsked', 'scopeNames', 'Scopes'],
          ['entra/main.bicep consentToActForPeople', 'scopeNames', 'Scopes'],
          ['entra/main.bicep consentToCommandLine', 'scopeNames', 'Scopes'],
          ['entra/customer.bicep grants', 'roleNames', 'Roles'],
        ] as const
      ).flatMap(([module, parameter, kind]) =>
        wantsOf(
          module,
          {
            [`params.${parameter}`]: ['what reads', 'what changes', ['incidents'], 'mde'],
            'params.resourceAppId': 'id of mde',
          },
          {
            [`read${kind}`]: 'what reads',
            [`change${kind}`]: 'what changes',
            responses: ['incidents'],
            name: 'mde',
            apiIds: { mde: 'id of mde' },
            'withChanges()': (...given) => given,
          },
        ),
      ),
    ],
    holds: (from) => {
      const file = from.get('entra/permissionNames.bicep');
      const asked = (responses: readonly string[]) =>
        file &&
        callFunction(file, 'withChanges', [
          { mde: ['R'] },
          { a: { mde: ['A'] }, b: { mde: [] } },
          responses,
          'mde',
        ]);
      return JSON.stringify([asked([]), asked(['a', 'b'])]) === '[["R"],["R","A"]]';
    },
    spoil: [['entra/permissionNames.bicep', 'changes[what][api]', 'reads[api]']],
  },
  {
    row: 'ids of permissions by their names, of the right kind',
    wants: wantsOf(
      'entra/permissions.bicep access',
      {
        resourceAppId: 'an api',
        resourceAccess: [
          { id: 'for apps', type: 'Role' },
          { id: 'a scope', type: 'Scope' },
        ],
      },
      {
        resourceAppId: 'an api',
        roleNames: ['Machine.Isolate'],
        scopeNames: ['Machine.Isolate'],
        api: {
          appRoles: [
            { id: 'for people', value: 'Machine.Isolate', allowedMemberTypes: ['User'] },
            { id: 'for apps', value: 'Machine.Isolate', allowedMemberTypes: ['Application'] },
          ],
          oauth2PermissionScopes: [{ id: 'a scope', value: 'Machine.Isolate' }],
        },
      },
    ),
  },
  {
    row: 'consent is given for what is named, and people’s for themselves alone',
    wants: [
      ...wantsOf(
        'entra/grants.bicep grants',
        { appRoleId: 'for apps', principalId: 'client', resourceId: 'api' },
        {
          clientServicePrincipalId: 'client',
          name: 'Incident.Read.All',
          api: {
            id: 'api',
            appRoles: [
              { id: 'for people', value: 'Incident.Read.All', allowedMemberTypes: ['User'] },
              { id: 'another', value: 'Incident.ReadWrite.All', allowedMemberTypes: ['Application'] },
              { id: 'for apps', value: 'Incident.Read.All', allowedMemberTypes: ['Application'] },
            ],
          },
        },
      ),
      ...wantsOf(
        'entra/delegatedGrants.bicep grant',
        { clientId: 'client', consentType: 'AllPrincipals', resourceId: 'api', scope: 'A B' },
        { clientServicePrincipalId: 'client', scopeNames: ['A', 'B'], api: { id: 'api' } },
      ),
    ],
  },
];
