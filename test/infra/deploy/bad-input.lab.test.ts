import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptySubscription, type Rule, type Subscription } from './run-deploy.ts';
import { changesOf, GIVEN, WELL } from './well.ts';

const hasAz = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'az')));

let azure: Subscription;
beforeEach(async () => {
  azure = await emptySubscription();
});
afterEach(() => azure.stop());

const at = (environment: string, location = 'westeurope'): readonly string[] => [
  '--environment',
  environment,
  '--location',
  location,
];
const ALL = ['--package', 'outrider.zip', '--yes'];

const HANDED = [
  ...['--resource-group', GIVEN.group, '--name-prefix', GIVEN.prefix],
  ...['--federation-principal-id', GIVEN.federation, '--caller-principal-id', GIVEN.caller],
];

/** What is wrong; the arguments; what Azure says; the one sentence, and with it the command that mends it. */
const CASES: readonly (readonly [string, readonly string[], readonly Rule[], RegExp])[] = [
  ['no environment', ['--location', 'westeurope'], [], /For example: infra\/deploy\.sh --environment prod/],
  [
    'no region',
    ['--environment', 'prod'],
    [],
    /az functionapp list-flexconsumption-locations --output table/,
  ],
  ['an option that is none', [...at('prod'), '--colour', 'red'], [], /infra\/deploy\.sh --help/],
  ['an option without its value', [...at('prod'), '--size'], [], /--size needs a value/],
  ['upper case', at('Prod'), [], /--environment prod$/],
  ['umlauts', at('München-Süd'), [], /--environment muenchen-sued$/],
  ['too long', at('security-operations-of-the-whole-group'), [], /--environment security-operations-of-t$/],
  ['nothing that a name may have', at('東京'), [], /--environment prod$/],
  ['ends with a hyphen', at('prod-'), [], /--environment prod$/],
  ['a size that is none', [...at('prod'), '--size', 'huge'], [], /--size one, partner or locked/],
  [
    'an id that is none',
    [...at('prod'), '--skip-entra', '--api-app-id', 'outrider'],
    [],
    /--api-app-id 'outrider' is no id/,
  ],
  [
    'an operator whom az did not know',
    [...at('prod'), '--operator', ''],
    [],
    /az login, then az ad signed-in-user show --query id --output tsv$/,
  ],
  [
    'an id that a workflow has no variable for',
    [...at('prod'), '--skip-entra', '--api-app-id', '', '--client-app-id', ''],
    [],
    /-app-id is empty: give all that infra\/deploy\.sh --entra-only printed/,
  ],
  [
    'one id of three',
    [...at('prod'), '--skip-entra', '--api-app-id', GIVEN.apiApp],
    [],
    /--client-app-id is missing/,
  ],
  ['ids, and Entra ID as well', [...at('prod'), '--api-app-id', GIVEN.apiApp], [], /--skip-entra$/],
  ['nothing left to do', [...at('prod'), '--skip-entra', '--entra-only'], [], /--skip-entra or --entra-only/],
  ['no package', [...at('prod'), '--package', 'gone.zip'], [], /npm run package/],
  ['an old az', at('prod'), [{ when: 'version *', out: '2.9.1\\n' }], /: az upgrade$/],
  ['no Bicep', at('prod'), [{ when: 'bicep version', exit: 1 }], /: az bicep install$/],
  [
    'an old Bicep',
    at('prod'),
    [{ when: 'bicep version', out: 'Bicep CLI version 0.9.1 (1234)\\n' }],
    /: az bicep upgrade$/,
  ],
  ['no sign-in', at('prod'), [{ when: 'account show *', exit: 1 }], /: az login$/],
  [
    'a Reader',
    at('prod'),
    [{ when: 'rest *permissions*', out: '*/read|\\n' }],
    /Microsoft\.Resources\/deployments\/write.*az role assignment create --assignee me@contoso\.com --role Owner --scope \/subscriptions\//,
  ],
  [
    'a Contributor alone',
    at('prod'),
    [{ when: 'rest *permissions*', out: '*|Microsoft.Authorization/*/Write\\n' }],
    /Microsoft\.Authorization\/roleAssignments\/write .*az role assignment create/,
  ],
  ['who may not lock', [...at('prod'), '--size', 'partner'], [], /Microsoft\.Authorization\/locks\/write/],
  [
    'a region without Flex Consumption',
    at('prod', 'mars'),
    [{ when: 'functionapp list-*', out: '0\\n' }],
    /region mars .*az functionapp list-flexconsumption-locations/,
  ],
  [
    'a region whose storage has no zones',
    [...at('prod'), '--size', 'one'],
    [{ when: 'rest *Microsoft.Storage/skus*', out: 'northeurope\\nUK South\\n' }],
    /region westeurope has no storage of the kind Standard_ZRS: use another --location, or storageSku = 'Standard_LRS' in infra\/sizes\/one-tenant\.main\.bicepparam$/,
  ],
  [
    'the same environment elsewhere',
    at('prod'),
    [{ when: 'group list *', out: 'northeurope\\n' }],
    /use --location northeurope, or another --environment$/,
  ],
  [
    'a vault that was deleted',
    [...at('prod'), '--size', 'partner'],
    [
      { when: 'rest *permissions*', out: '*|\\n' },
      {
        when: 'keyvault list-deleted *',
        out: 'kv-prod-abc|/subscriptions/s/resourceGroups/rg-x/providers/Microsoft.KeyVault/vaults/kv-prod-abc\\n',
      },
    ],
    /az group create --name rg-x --location westeurope && az keyvault recover --name kv-prod-abc --location westeurope$/,
  ],
  [
    'a provider that is not registered',
    [...at('prod'), '--size', 'locked'],
    [
      { when: 'rest *permissions*', out: '*|\\n' },
      { when: 'provider show *', out: 'NotRegistered\\n' },
    ],
    /az provider register --namespace Microsoft\.App --wait$/,
  ],
  [
    'an administrator who may not keep a deployment in the resource group',
    [...at('prod'), '--entra-only', ...HANDED],
    [{ when: 'rest *permissions*', out: '*/read|\\n' }],
    new RegExp(
      `deployments/write at (.*/resourceGroups/${GIVEN.group}): let .* az role assignment create --assignee me@contoso\\.com --role Contributor --scope \\1$`,
    ),
  ],
  [
    'an administrator who looks at another subscription',
    [...at('prod'), '--entra-only', ...HANDED],
    [{ when: 'rest *permissions*', exit: 3 }],
    /cannot be read: az login --tenant .*, and az account set --subscription/,
  ],
  ['with azd, a name that does not fit', [...at('Prod'), '--azd'], [], /: azd env new prod$/],
  [
    'with azd, the same environment elsewhere',
    [...at('prod'), '--azd'],
    [{ when: 'group list *', out: 'northeurope\\n' }],
    /: azd env set AZURE_LOCATION northeurope, or azd env new <another name>$/,
  ],
  [
    'no role in Entra ID',
    at('prod'),
    [{ when: 'rest *transitiveMemberOf*' }],
    /infra\/deploy\.sh --environment prod --location westeurope --skip-entra$/,
  ],
  [
    'no Graph extension',
    at('prod'),
    [{ when: 'bicep restore *', exit: 1 }],
    /az bicep restore --force --file .*infra\/entra\/main\.bicep$/,
  ],
];

test.each(CASES)(
  '%s: one sentence with what mends it, and nothing is made',
  async (_, args, rules, sentence) => {
    const ran = await azure.run(
      [...(args.includes('--package') ? ['--yes'] : ALL), ...args],
      [...rules, ...WELL],
    );
    expect(ran.exit, ran.err).toBeGreaterThan(0);
    expect(ran.err.trim().split('\n')).toHaveLength(1);
    expect(ran.err.trim()).toMatch(sentence);
    expect(changesOf(ran.calls)).toEqual([]);
  },
);

test('an app registration that was deleted is found before Entra ID is asked to make it again', async () => {
  const left: Rule = {
    when: `rest *deletedItems*${GIVEN.prefix}-api'*`,
    out: '77777777-0000-4000-8000-000000000000\\n',
  };
  const ran = await azure.run([...at('prod'), ...ALL], [left, ...WELL]);
  expect(ran.exit).toBe(1);
  expect(ran.err.trim()).toMatch(
    /left from an earlier deployment, deleted: az rest --method DELETE --url https:\/\/graph\.microsoft\.com\/v1\.0\/directory\/deletedItems\/77777777-0000-4000-8000-000000000000$/,
  );
  expect(changesOf(ran.calls)).toEqual(['deployment sub create --name outrider-bootstrap-prod-westeurope']);
});

test('new identities that Entra ID does not know yet are waited for; grants that are there are no failure', async () => {
  const ran = await azure.run(
    [...at('prod'), ...ALL],
    [
      { when: 'deployment group create *', times: 2, exit: 1, err: 'Not a valid reference update.\\n' },
      {
        when: 'deployment group create *',
        times: 1,
        exit: 1,
        err: 'EntitlementGrant entry already exists.\\n',
      },
      // What the failed deployment has made nevertheless.
      ...WELL.map(({ after, ...rule }) =>
        after === 'deployment group create' ? rule : { ...rule, ...(after ? { after } : {}) },
      ),
    ],
  );
  expect(ran).toMatchObject({ exit: 0, err: '' });
  expect(ran.calls.filter((call) => call.startsWith('deployment group create'))).toHaveLength(3);
});

test('an identity that never becomes known ends after four tries, with the command to go on', async () => {
  const never: Rule = { when: 'deployment group create *', exit: 1, err: 'Not a valid reference update.\\n' };
  const ran = await azure.run([...at('prod'), ...ALL], [never, ...WELL]);
  expect(ran.exit).toBe(1);
  expect(ran.calls.filter((call) => call.startsWith('deployment group create'))).toHaveLength(4);
  expect(ran.err).toMatch(/step entra failed.*infra\/deploy\.sh --environment prod/);
});

test.each([
  ['none', '', 2],
  ['one of two', GIVEN.roles[0], 1],
])('consent to %s of the permissions is told, and stops nothing', async (_, granted, missing) => {
  const ran = await azure.run(
    [...at('prod'), ...ALL],
    [{ when: 'rest *appRoleAssignments*', out: `${granted}\\n` }, ...WELL],
  );
  expect(ran.exit).toBe(0);
  expect(ran.out).toContain(
    `Consent is missing for ${missing} of 2 permissions, so not everything can be read: az ad app permission admin-consent --id ${GIVEN.clientApp}\n`,
  );
});

test.each([
  [
    'a deleted registration that could not be listed',
    'deployment group create *',
    'Another object with the same value for property uniqueName already exists.',
    /keeps a name that begins with outrider-prod-abc: az rest --method GET .*az rest --method DELETE .*, then infra\/deploy\.sh/,
  ],
  [
    'an app role that was taken out of the parameters',
    'deployment group create *',
    'CannotDeleteOrUpdateEnabledEntitlement: Property cannot be deleted unless it is disabled first.',
    /disabled first: az ad app update .*, then infra\/deploy\.sh/,
  ],
  [
    'a run that was interrupted and goes on in Azure',
    'deployment sub create *',
    'ERROR: (DeploymentActive) Unable to edit or replace deployment.',
    /has not ended in Azure yet: wait some minutes, then infra\/deploy\.sh/,
  ],
  [
    'a right that is lost on the way',
    'deployment sub create --name outrider-main-*',
    'ERROR: (AuthorizationFailed) The client does not have authorization.',
    /lack a right for the step main: .*az role assignment create .*, then infra\/deploy\.sh/,
  ],
])('%s: what Azure says, and a sentence with what mends it', async (_, when, says, sentence) => {
  const refused: readonly Rule[] = [
    { when: 'rest *deletedItems*', exit: 1, err: 'Unsupported query.\\n' },
    { when, exit: 1, err: `${says}\\n` },
  ];
  const ran = await azure.run([...at('prod'), ...ALL], [...refused, ...WELL]);
  expect(ran.exit).toBe(1);
  expect(ran.err).toContain(says);
  expect(ran.err.trim().split('\n').at(-1)).toMatch(sentence);
});

test.skipIf(hasAz)('no Azure CLI: where to get it', async () => {
  await azure.without('az');
  const ran = await azure.run([...at('prod'), ...ALL], WELL);
  expect([ran.exit, ran.err]).toEqual([
    1,
    expect.stringMatching(/not on PATH: install it by https:\/\/learn/),
  ]);
});

test('an app that never says that it is well: told how to find out', async () => {
  const ran = await azure.run([...at('prod'), ...ALL], [{ when: 'rest *api/health*', exit: 1 }, ...WELL]);
  expect(ran.exit).toBe(1);
  expect(ran.calls.filter((call) => call.includes('/api/health'))).toHaveLength(20);
  expect(ran.err).toContain(`npx outrider doctor --url ${GIVEN.url}`);
});
