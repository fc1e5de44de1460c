import type { Rule } from './run-deploy.ts';

/** Ids and names that the Azure of these tests gives. */
export const GIVEN = {
  subscription: '10000000-0000-4000-8000-000000000001',
  directory: '10000000-0000-4000-8000-000000000002',
  apiApp: '10000000-0000-4000-8000-00000000000a',
  clientApp: '10000000-0000-4000-8000-00000000000b',
  cliApp: '10000000-0000-4000-8000-00000000000c',
  federation: '10000000-0000-4000-8000-00000000000d',
  caller: '10000000-0000-4000-8000-00000000000e',
  operator: '10000000-0000-4000-8000-00000000000f',
  roles: ['20000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000002'],
  group: 'rg-outrider-prod-abc',
  prefix: 'outrider-prod-abc',
  app: 'func-prod-abc',
  url: 'https://func-prod-abc.azurewebsites.net',
  callback: 'https://func-prod-abc.azurewebsites.net/api/onboarding/callback',
} as const;

const SHOW = 'deployment sub show --name outrider-';
const CREATE = 'deployment sub create --name outrider-';

/** An Azure in which all is well, and in which only what was deployed is there. */
export const WELL: readonly Rule[] = [
  { when: 'version *', out: '2.80.0\n' },
  { when: 'bicep version', out: 'Bicep CLI version 0.38.3 (c0c0c0c0c0)\n' },
  { when: 'bicep restore *' },
  {
    when: 'account show *',
    out: `${GIVEN.subscription}|${GIVEN.directory}|user|AzureCloud|me@contoso.com\n`,
  },
  {
    when: 'rest * /subscriptions/*/providers/Microsoft.Authorization/permissions*',
    // Contributor, and Role Based Access Control Administrator.
    out: '*|Microsoft.Authorization/*/Delete Microsoft.Authorization/*/Write\\nMicrosoft.Authorization/roleAssignments/write Microsoft.Authorization/roleAssignments/delete */read|\\n',
  },
  { when: 'functionapp list-flexconsumption-locations *', out: '1\n' },
  { when: 'rest * /subscriptions/*/providers/Microsoft.Storage/skus*', out: 'WestEurope\nwesteurope\n' },
  { when: 'group list *' },
  { when: 'keyvault list-deleted *' },
  { when: 'provider show *', out: 'Registered\n' },
  { when: 'rest *transitiveMemberOf*', out: 'e8611ab8-c189-46e8-94e1-60213ab1f814\n' },
  { when: 'rest *deletedItems*' },
  { when: 'deployment sub what-if *', out: 'Resource changes: 3 to create.\n' },
  { when: 'deployment sub create *' },
  {
    when: `${SHOW}bootstrap-*`,
    after: `${CREATE}bootstrap-`,
    out: `${[GIVEN.group, GIVEN.prefix, GIVEN.federation, GIVEN.caller, GIVEN.callback].join('|')}\\n`,
  },
  { when: `${SHOW}main-*alertEmails*`, after: `${CREATE}main-`, out: '\n' },
  { when: `${SHOW}main-*alertEmails*`, exit: 3, err: 'DeploymentNotFound\n' },
  { when: `${SHOW}main-*`, after: `${CREATE}main-`, out: `${GIVEN.app}|${GIVEN.url}\\n` },
  { when: 'deployment group create *' },
  ...(
    [
      ['api', GIVEN.apiApp],
      ['client', GIVEN.clientApp],
      ['cli', GIVEN.cliApp],
    ] as const
  ).map(([part, id]) => ({
    when: `rest *applications(uniqueName='${GIVEN.prefix}-${part}')*`,
    after: 'deployment group create',
    out: `${id}\\n`,
  })),
  { when: 'functionapp deployment source config-zip *' },
  { when: 'rest *requiredResourceAccess *', out: `${GIVEN.roles.join('\n')}\n` },
  { when: 'rest *appRoleAssignments*', out: `${GIVEN.roles.join('\n')}\n` },
  { when: `rest *${GIVEN.url}/api/health *`, after: 'functionapp deployment source config-zip', out: 'ok\n' },
].map((rule) => ({ ...rule, ...('out' in rule ? { out: rule.out?.replaceAll('\n', '\\n') } : {}) }) as Rule);

/** Words with which a command of `az` changes something. */
export const CHANGES = /\b(create|config-zip|delete|DELETE|POST|PATCH|PUT|recover|purge|register|set)\b/;

/** The commands that change something, without their arguments. */
export function changesOf(calls: readonly string[]): readonly string[] {
  return calls
    .filter((call) => CHANGES.test(call))
    .map((call) =>
      call
        .replace(/--location .*$/, '')
        .replace(/--resource-group .*$/, '')
        .trim(),
    );
}
