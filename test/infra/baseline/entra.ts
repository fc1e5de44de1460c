import { ID } from '../azure.ts';
import { propertyOf } from '../checks/walk.ts';
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
];
