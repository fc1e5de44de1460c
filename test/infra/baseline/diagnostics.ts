import type { BicepFile, Expr, Resource } from '../bicep/ast.ts';
import { literalText } from '../bicep/expressions.ts';
import { bodyOf, propertyOf, within } from '../checks/walk.ts';
import { finding, type Project, templatesOf } from '../project.ts';

/**
 * Types without a diagnostic setting, and why. All others must have one, so that a type that is new here is thought of.
 * https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/logs-index
 */
const WITHOUT: Readonly<Record<string, string>> = {
  'Microsoft.Authorization/locks': 'in the activity log',
  'Microsoft.Authorization/roleAssignments': 'in the activity log',
  'Microsoft.Consumption/budgets': 'has none',
  'Microsoft.EventGrid/systemTopics/eventSubscriptions': 'its topic has one',
  'Microsoft.Graph/appRoleAssignedTo': 'in the audit log of Entra ID',
  'Microsoft.Graph/applications': 'in the audit log of Entra ID',
  'Microsoft.Graph/applications/federatedIdentityCredentials': 'in the audit log of Entra ID',
  'Microsoft.Graph/oauth2PermissionGrants': 'in the audit log of Entra ID',
  'Microsoft.Graph/servicePrincipals': 'in the audit log of Entra ID',
  'Microsoft.Insights/actionGroups': 'has none',
  'Microsoft.Insights/components': 'its tables are in the workspace',
  'Microsoft.Insights/diagnosticSettings': 'is one',
  'Microsoft.Insights/scheduledQueryRules': 'has none',
  'Microsoft.Insights/workbooks': 'has none',
  'Microsoft.ManagedIdentity/userAssignedIdentities': 'in the sign-in logs of Entra ID',
  'Microsoft.Network/natGateways': 'metrics alone, which Azure Monitor keeps by itself',
  'Microsoft.Network/privateDnsZones': 'metrics alone',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': 'has none',
  'Microsoft.Network/privateEndpoints': 'metrics alone',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': 'has none',
  'Microsoft.Resources/resourceGroups': 'in the activity log',
  'Microsoft.Storage/storageAccounts/blobServices/containers': 'its service has one',
  'Microsoft.Web/serverfarms': 'metrics alone, and of one app: the app has them',
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': 'has none',
  'Microsoft.Web/sites/config': 'has none',
};

/** What a type has none of. */
const HAS_NONE: Readonly<Record<string, string>> = {
  'Microsoft.Network/networkSecurityGroups': 'metrics',
  // Its services have them.
  'Microsoft.Storage/storageAccounts': 'logs',
};

/** Categories, and groups of them, that the resources here have. */
const CATEGORIES = [
  'AllMetrics',
  'AppServiceAuthenticationLogs',
  'StorageDelete',
  'Transaction',
  'allLogs',
  'audit',
];

/** Every resource that can have a diagnostic setting has one, which sends something that is switched on to the workspace. */
export function checkDiagnostics(project: Project): readonly string[] {
  return templatesOf(project).flatMap((file) => {
    const settings = file.resources.filter(({ type }) => /diagnosticSettings$/.test(type));
    const scopes = settings.map(({ value }) => {
      const scope = propertyOf(value, 'scope');
      return scope?.kind === 'name' ? scope.name : '';
    });
    return [
      ...file.resources
        .filter(({ isExisting, type, name }) => !isExisting && !(type in WITHOUT) && !scopes.includes(name))
        .map(({ at, name, type }) => finding(file, at, `${name} (${type}) has no diagnostic setting`)),
      ...settings.flatMap((setting) => faultsOf(file, setting)),
    ];
  });
}

function faultsOf(file: BicepFile, { at, name, value }: Resource): string[] {
  const properties = propertyOf(bodyOf(value), 'properties');
  const scope = propertyOf(bodyOf(value), 'scope');
  const of = scope?.kind === 'name' ? file.resources.find((one) => one.name === scope.name)?.type : undefined;
  const missing = ['logs', 'metrics'].filter(
    (what) => HAS_NONE[of ?? ''] !== what && !propertyOf(properties, what),
  );
  const unknown = [...logged(file, properties)].filter((category) => !CATEGORIES.includes(category));
  return [
    ...(propertyOf(properties, 'workspaceId') ? [] : [finding(file, at, `${name} sends to no workspace`)]),
    ...unknown.map((category) => finding(file, at, `${name} asks for ${category}, which nobody knows`)),
    ...missing.map((what) => finding(file, at, `${name} sends no ${what}`)),
  ];
}

/** Every category that a setting may ask for, whatever its condition. */
function logged(file: BicepFile, properties: Expr | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (expr: Expr | undefined): void => {
    if (!expr) return;
    for (const part of within(expr)) {
      const variable = part.kind === 'name' && file.variables.find(({ name }) => name === part.name);
      if (variable) look(variable.value);
      for (const key of part.kind === 'object' ? ['category', 'categoryGroup'] : []) {
        const value = propertyOf(part, key);
        if (value) found.add(literalText(value) ?? '');
      }
      const enabled = part.kind === 'object' ? propertyOf(part, 'enabled') : undefined;
      if (enabled?.kind === 'literal' && enabled.value !== true) found.add('what is switched off');
    }
  };
  look(propertyOf(properties, 'logs'));
  look(propertyOf(properties, 'metrics'));
  return found;
}
