import { AZURE } from '../azure.ts';
import { evaluate, parametersOf, type Values } from '../evaluate.ts';
import type { Project } from '../project.ts';
import { type Row, wantsOf } from './look.ts';

/** What is made only where it is asked for: parameters with which it is, then some with which it is not. */
const ASKED_FOR: Readonly<Record<string, readonly [asked: Values, ...not: Values[]]>> = {
  'main.bicep actionGroup': [{ alertEmails: ['x@example.org'] }, { alertEmails: [''] }],
  'main.bicep network': [{ privateNetwork: true }, {}],
  'main.bicep vault': [{ keyVault: true }, {}],
  'main.bicep vaultEndpoint': [
    { privateNetwork: true, keyVault: true },
    { privateNetwork: true },
    { keyVault: true },
  ],
  'main.bicep siteEndpoint': [{ privateNetwork: true, publicAccess: false }, { privateNetwork: true }],
  'main.bicep monthlyBudget': [{ budget: { startDate: '2026-12-01' } }, {}],
  'main.bicep logicApp': [{ logicAppTenantId: 'x' }, {}],
  'entra/main.bicep cliApp': [{ commandLine: true }, { commandLine: false }],
  'entra/main.bicep operatorRoles': [{ operatorPrincipalId: 'x' }, {}],
  'entra/apiApp.bicep exchange': [{ federationPrincipalId: 'x' }, {}],
  'entra/customer.bicep api': [{ apiClientId: 'x' }, {}],
  'modules/keyvault.bicep topic': [{ actionGroupId: 'x' }, { actionGroupId: '' }],
  'modules/keyvault.bicep topicDiagnostics': [{ actionGroupId: 'x' }, { actionGroupId: '' }],
  'modules/keyvault.bicep expiry': [{ actionGroupId: 'x' }, { actionGroupId: '' }],
  'modules/keyvault.bicep deletionLock': [{ lock: true }, { lock: false }],
  'modules/storage.bicep deletionLock': [{ lock: true }, { lock: false }],
  'modules/rbac.bicep vault': [{ vaultName: 'x' }, { vaultName: '' }],
  'modules/rbac.bicep secrets': [{ vaultName: 'x' }, { vaultName: '' }],
};
/** What is made once for each of these, and not at all where there are none. */
const FOR_EACH: Readonly<Record<string, readonly [asked: Values, ...not: Values[]]>> = {
  'main.bicep storageEndpoints': [{ privateNetwork: true }, { privateNetwork: false }],
  'entra/main.bicep grants': [{ grantConsent: true }, { grantConsent: false }],
  'entra/main.bicep consentToActForPeople': [
    { onBehalfOf: true },
    { onBehalfOf: true, grantConsent: false },
    {},
  ],
  'entra/main.bicep consentToCommandLine': [{}, { commandLine: false }, { grantConsent: false }],
  'entra/main.bicep callerRoles': [{ callerIdentities: [{}] }, {}],
  'entra/customer.bicep callerRoles': [
    { apiClientId: 'x', callerIdentities: [{}] },
    { callerIdentities: [{}] },
  ],
};

/** Is it made, with these parameters? Undefined where nothing is said of that. */
function isMade(from: Project, place: string, given: Values): boolean | undefined {
  const [path = '', symbol] = place.split(' ');
  const file = from.get(path);
  const declared = file && [...file.modules, ...file.resources].find(({ name }) => name === symbol);
  if (!file || !declared) return undefined;
  const names = parametersOf(file, given, AZURE);
  const { value } = declared;
  if (value.kind === 'if') return evaluate(file, value.condition, names) === true;
  if (value.kind !== 'for') return undefined;
  return (evaluate(file, value.over, names) as readonly unknown[]).length > 0;
}

const conditional = (from: Project): string[] =>
  [...from.values()].flatMap((file) =>
    [...file.modules, ...file.resources]
      .filter(({ value }) => value.kind === 'if')
      .map(({ name }) => `${file.path} ${name}`),
  );

export const CONDITION_ROWS: readonly Row[] = [
  {
    row: 'each part where it is asked for, and nowhere else',
    holds: (from) =>
      conditional(from).sort().join() === Object.keys(ASKED_FOR).sort().join() &&
      Object.entries({ ...ASKED_FOR, ...FOR_EACH }).every(
        ([place, [asked, ...nots]]) =>
          isMade(from, place, asked) === true && nots.every((not) => isMade(from, place, not) === false),
      ),
    spoil: [
      ['main.bicep', '= if (privateNetwork && usesVault) {', '= if (privateNetwork) {'],
      ['main.bicep', '= if (privateNetwork && !publicAccess) {', '= {'],
      ['main.bicep', '= if (!empty(logicAppTenantId)) {', '= if (empty(logicAppTenantId)) {'],
      [
        'modules/rbac.bicep',
        "roleAssignments@2022-04-01' = if (!empty(vaultName)) {",
        "roleAssignments@2022-04-01' = {",
      ],
      ['entra/main.bicep', 'in (onBehalfOf && grantConsent ? apis', 'in (grantConsent ? apis'],
      ['entra/main.bicep', 'in (onBehalfOf && grantConsent ? apis', 'in (onBehalfOf ? apis'],
    ],
  },
  {
    row: 'what a part hands on where there is one, and nothing where there is none',
    wants: [
      ...wantsOf(
        'main.bicep function',
        { 'params.subnetId': 'subnet', 'params.publicAccess': false },
        { privateNetwork: true, publicAccess: false, network: { outputs: { appSubnetId: 'subnet' } } },
      ),
      ...wantsOf('main.bicep function', { 'params.subnetId': '', 'params.publicAccess': true }),
      ...wantsOf('main.bicep rbac', { 'params.vaultName': 'kv' }, { keyVault: true, names: { vault: 'kv' } }),
      ...wantsOf('main.bicep rbac', { 'params.vaultName': '' }),
      ...wantsOf('main.bicep storage', { 'params.isPrivate': true }, { privateNetwork: true }),
      ...wantsOf(
        'main.bicep vault',
        { 'params.isPrivate': true, 'params.lock': true },
        { privateNetwork: true, locks: true },
      ),
      ...wantsOf(
        'main.bicep vaultName',
        { '': 'kv' },
        { keyVault: true, vault: { outputs: { name: 'kv', uri: '' } } },
      ),
      ...wantsOf('main.bicep vaultName', { '': '' }),
      ...wantsOf(
        'main.bicep outboundAddress',
        { '': '203.0.113.7' },
        { privateNetwork: true, network: { outputs: { outboundAddress: '203.0.113.7' } } },
      ),
      ...wantsOf('main.bicep outboundAddress', { '': '' }),
      ...wantsOf('entra/main.bicep commandLine', { '': true }),
      ...wantsOf('entra/main.bicep cliClientId', { '': 'id' }, { cliApp: { outputs: { appId: 'id' } } }),
      ...wantsOf('entra/main.bicep cliClientId', { '': '' }, { commandLine: false }),
      ...wantsOf('entra/main.bicep cliApp', { 'params.servesCustomers': true }, { callers: 'multi-tenant' }),
      ...wantsOf(
        'entra/main.bicep cliApp',
        { 'params.servesCustomers': false },
        { callers: 'single-tenant' },
      ),
    ],
  },
];
