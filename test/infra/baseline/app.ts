import { AZURE, ID } from '../azure.ts';
import { literalText } from '../bicep/expressions.ts';
import { bodyOf, propertyOf } from '../checks/walk.ts';
import { evaluate, parametersOf, type Value } from '../evaluate.ts';
import { all, every, hasMember, type Row, SITE } from './look.ts';

/** Rows of ../shared/reference/infra.md 5 about the app and who it is: function app, Entra ID. */
export const APP_ROWS: readonly Row[] = [
  {
    row: 'the platform’s check of tokens in front of the API, no function keys',
    holds: (from) => {
      const path = 'modules/easyauth.bicep';
      const at = (property: string): string | boolean | undefined => {
        const value = propertyOf(
          from.get(path)?.resources.find(({ name }) => name === 'authentication')?.value,
          ...property.split('.'),
        );
        return value?.kind === 'literal' ? (value.value as boolean) : value && literalText(value);
      };
      return (
        at('properties.platform.enabled') === true &&
        at('properties.globalValidation.requireAuthentication') === true &&
        at('properties.globalValidation.unauthenticatedClientAction') === 'Return401' &&
        at('properties.httpSettings.requireHttps') === true &&
        from.get('main.bicep')?.modules.find(({ name }) => name === 'easyauth')?.value.kind === 'object'
      );
    },
    spoil: [
      ['modules/easyauth.bicep', 'requireAuthentication: true', 'requireAuthentication: false'],
      ['modules/easyauth.bicep', "'Return401'", "'AllowAnonymous'"],
      ['main.bicep', "'modules/easyauth.bicep' = {", "'modules/easyauth.bicep' = if (publicAccess) {"],
    ],
  },
  {
    row: 'app roles needed for a token at all',
    holds: (from) => {
      const value = propertyOf(
        from.get('entra/apiApp.bicep')?.resources.find(({ name }) => name === 'principal')?.value,
        'appRoleAssignmentRequired',
      );
      return value?.kind === 'literal' && value.value === true;
    },
    spoil: [['entra/apiApp.bicep', 'appRoleAssignmentRequired: true', 'appRoleAssignmentRequired: false']],
  },
  {
    row: 'app registrations as code, without a credential other than a federated one, locked',
    holds: (from) => {
      const apps = all(from, /^Microsoft.Graph\/applications$/);
      return (
        apps.length === 3 &&
        apps.every(
          ({ value }) =>
            propertyOf(value, 'passwordCredentials') === undefined &&
            propertyOf(value, 'keyCredentials') === undefined &&
            JSON.stringify(propertyOf(value, 'servicePrincipalLockConfiguration', 'isEnabled')).includes(
              'true',
            ),
        )
      );
    },
    spoil: [
      ['entra/graphApp.bicep', '  web: {', "  passwordCredentials: [{ displayName: 'x' }]\n  web: {"],
      [
        'entra/apiApp.bicep',
        '    isEnabled: true\n    allProperties',
        '    isEnabled: false\n    allProperties',
      ],
    ],
  },
  {
    row: 'the federated credential trusts this directory’s identity, for nothing but exchange',
    holds: (from) => {
      const found = all(from, /federatedIdentityCredentials$/);
      return (
        found.length === 2 &&
        found.every(({ file, value }) => {
          const of = (name: string): Value => {
            const property = propertyOf(bodyOf(value), name);
            return property
              ? evaluate(file, property, parametersOf(file, { federationPrincipalId: 'p' }, AZURE))
              : null;
          };
          return (
            of('issuer') === `https://login.microsoftonline.com/${ID}9/v2.0` &&
            of('subject') === 'p' &&
            JSON.stringify(of('audiences')) === '["api://AzureADTokenExchange"]'
          );
        })
      );
    },
    spoil: [
      ['entra/graphApp.bicep', 'tenantId}/v2.0', 'tenantId}/'],
      ['entra/apiApp.bicep', 'subject: federationPrincipalId', "subject: 'anybody'"],
    ],
  },
  {
    row: 'HTTPS alone, TLS 1.2, no FTP, no publishing by password',
    holds: (from) => {
      const policies = all(from, /basicPublishingCredentialsPolicies$/);
      return (
        every(from, SITE, 'properties.httpsOnly', true) &&
        every(from, SITE, 'properties.siteConfig.minTlsVersion', '1.2') &&
        every(from, SITE, 'properties.siteConfig.scmMinTlsVersion', '1.2') &&
        every(from, SITE, 'properties.siteConfig.ftpsState', 'Disabled') &&
        every(from, SITE, 'properties.siteConfig.remoteDebuggingEnabled', false) &&
        policies
          .map(({ value }) => literalText(propertyOf(value, 'name') ?? value))
          .sort()
          .join() === 'ftp,scm' &&
        every(from, /basicPublishingCredentialsPolicies$/, 'properties.allow', false)
      );
    },
    spoil: [
      ['modules/function.bicep', 'httpsOnly: true', 'httpsOnly: false'],
      ['modules/function.bicep', "ftpsState: 'Disabled'", "ftpsState: 'FtpsOnly'"],
      [
        'modules/function.bicep',
        "name: 'scm'\n  properties: { allow: false }",
        "name: 'scm'\n  properties: { allow: true }",
      ],
    ],
  },
  {
    row: 'Flex Consumption, Node 24, 2,048 MB, its package read by identity',
    holds: (from) => {
      const scale = 'properties.functionAppConfig.scaleAndConcurrency.instanceMemoryMB';
      const memory = from.get('main.bicep')?.params.find(({ name }) => name === 'instanceMemoryMB')?.value;
      return (
        every(from, /serverfarms$/, 'sku.name', 'FC1') &&
        every(from, SITE, 'properties.functionAppConfig.runtime.name', 'node') &&
        every(from, SITE, 'properties.functionAppConfig.runtime.version', '24') &&
        every(
          from,
          SITE,
          'properties.functionAppConfig.deployment.storage.authentication.type',
          'UserAssignedIdentity',
        ) &&
        every(from, SITE, scale, 2_048, { instanceMemoryMB: 2_048 }) &&
        memory?.kind === 'literal' &&
        memory.value === 2_048
      );
    },
    spoil: [
      ['modules/function.bicep', "version: '24'", "version: '22'"],
      ['modules/function.bicep', "type: 'UserAssignedIdentity'", "type: 'StorageAccountConnectionString'"],
      ['main.bicep', '512 | 2048 | 4096 = 2048', '512 | 2048 | 4096 = 512'],
    ],
  },
  {
    row: 'what refers to the vault does so as the app’s own identity',
    holds: (from) =>
      hasMember(
        from,
        'modules/function.bicep',
        'site',
        'properties.keyVaultReferenceIdentity',
        'functionIdentityId',
      ),
    spoil: [['modules/function.bicep', '    keyVaultReferenceIdentity: functionIdentityId\n', '']],
  },
  {
    row: 'the app begins after its roles and endpoints exist',
    holds: (from) => {
      const waits = propertyOf(
        from.get('main.bicep')?.modules.find(({ name }) => name === 'function')?.value,
        'dependsOn',
      );
      const names =
        waits?.kind === 'array' ? waits.items.map((item) => (item.kind === 'name' ? item.name : '')) : [];
      return ['rbac', 'storageEndpoints', 'vaultEndpoint'].every((name) => names.includes(name));
    },
    spoil: [
      [
        'main.bicep',
        'dependsOn: [rbac, storageEndpoints, vaultEndpoint]',
        'dependsOn: [storageEndpoints, vaultEndpoint]',
      ],
    ],
  },
];
