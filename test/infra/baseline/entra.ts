import { ID } from '../azure.ts';
import { propertyOf } from '../checks/walk.ts';
import { callFunction } from '../evaluate.ts';
import { all, type Row, wantsOf } from './look.ts';

const API = 'entra/apiApp.bicep app';
const CLIENT = 'entra/graphApp.bicep app';
const CLI = 'entra/cliApp.bicep app';
const APPS = /^Microsoft.Graph\/applications$/;
const CREDENTIALS = /federatedIdentityCredentials$/;
const SCOPE = 'api.oauth2PermissionScopes.0';
/** The clouds that have Defender, as Azure tells a template of them. */
const CLOUDS = [
  { name: 'AzureCloud', login: 'https://login.microsoftonline.com/', audience: 'api://AzureADTokenExchange' },
  {
    name: 'AzureUSGovernment',
    login: 'https://login.microsoftonline.us/',
    audience: 'api://AzureADTokenExchangeUSGov',
  },
];

/** Rows of ../shared/reference/infra.md 5 about what Entra ID knows. */
export const ENTRA_ROWS: readonly Row[] = [
  {
    row: 'app roles needed for a token at all',
    wants: [
      ...wantsOf('entra/apiApp.bicep principal', { appRoleAssignmentRequired: true }),
      ...wantsOf('entra/customer.bicep api', { appRoleAssignmentRequired: true }),
      ...wantsOf(
        API,
        {
          appRoles: [
            {
              id: 'outrider-api Incidents.Read',
              value: 'Incidents.Read',
              displayName: 'Incidents.Read',
              description: 'Reads.',
              allowedMemberTypes: ['Application', 'User'],
              isEnabled: true,
            },
          ],
        },
        { uniqueName: 'outrider-api', roles: [{ value: 'Incidents.Read', what: 'Reads.' }] },
      ),
      // By the same id as the role has, so that a caller's role is the one that is meant.
      ...wantsOf(
        'entra/caller.bicep assignments',
        { appRoleId: 'outrider-api Hunts.Run', principalId: 'who', resourceId: 'api' },
        {
          apiUniqueName: 'outrider-api',
          apiServicePrincipalId: 'api',
          principalId: 'who',
          role: 'Hunts.Run',
        },
      ),
    ],
  },
  {
    row: 'tokens of version 2, for people by a scope, with the groups that are assigned to the API alone',
    wants: wantsOf(
      API,
      {
        groupMembershipClaims: 'ApplicationGroup',
        'api.requestedAccessTokenVersion': 2,
        [`${SCOPE}.id`]: 'outrider-api access_as_user',
        [`${SCOPE}.type`]: 'User',
        [`${SCOPE}.isEnabled`]: true,
        'api.preAuthorizedApplications': [
          { appId: `${ID}5`, delegatedPermissionIds: ['outrider-api access_as_user'] },
        ],
      },
      { uniqueName: 'outrider-api', knownClientIds: [`${ID}5`] },
    ),
  },
  {
    row: 'app registrations as code, without a credential other than a federated one, locked',
    wants: [
      ...wantsOf(APPS, {
        passwordCredentials: null,
        keyCredentials: null,
        servicePrincipalLockConfiguration: { isEnabled: true, allProperties: true },
      }),
      ...wantsOf(CLIENT, {
        'web.implicitGrantSettings': { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
      }),
      ...wantsOf(CLI, { isFallbackPublicClient: true }),
      ...[CLIENT, CLI].flatMap((app) => [
        ...wantsOf(app, { signInAudience: 'AzureADMyOrg' }, { servesCustomers: false }),
        ...wantsOf(app, { signInAudience: 'AzureADMultipleOrgs' }, { servesCustomers: true }),
      ]),
    ],
    holds: (from) => all(from, APPS).length === 3,
    spoil: [['entra/graphApp.bicep', "'Microsoft.Graph/applications@v1.0'", "'Microsoft.Graph/groups@v1.0'"]],
  },
  {
    row: 'the federated credential trusts this directory’s identity, for nothing but exchange, in each cloud',
    wants: CLOUDS.flatMap(({ name, login, audience }) =>
      wantsOf(
        CREDENTIALS,
        {
          name: 'outrider-x/outrider',
          issuer: `${login}${ID}9/v2.0`,
          subject: `${ID}6`,
          audiences: [audience],
        },
        {
          uniqueName: 'outrider-x',
          federationPrincipalId: `${ID}6`,
          'environment()': { name, authentication: { loginEndpoint: login } },
        },
      ),
    ),
    // Their names are no references, so that nothing else says what they come after.
    holds: (from) =>
      all(from, CREDENTIALS).length === 2 &&
      [
        ...all(from, CREDENTIALS).map(({ value }) => value),
        from.get('entra/customer.bicep')?.modules.find(({ name }) => name === 'callerRoles')?.value,
      ].every((value) => propertyOf(value, 'dependsOn') !== undefined),
    spoil: [
      ['entra/graphApp.bicep', '  dependsOn: [app]\n', ''],
      ['entra/customer.bicep', '  dependsOn: [api]\n', ''],
    ],
  },
  {
    row: 'the platform’s check looks for tokens of its own cloud',
    wants: CLOUDS.flatMap(({ name, login }) =>
      wantsOf(
        'modules/easyauth.bicep authentication',
        {
          'properties.identityProviders.azureActiveDirectory.registration.openIdIssuer': `${login}${ID}9/v2.0`,
        },
        {
          callers: 'single-tenant',
          apiTenantId: `${ID}9`,
          'environment()': { name, authentication: { loginEndpoint: login } },
        },
      ),
    ),
  },
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
