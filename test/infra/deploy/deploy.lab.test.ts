import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ACTIONS } from '../../../shared/http/actions.ts';
import { ROOT } from '../project.ts';
import { emptySubscription, type Ran, type Rule, type Subscription } from './run-deploy.ts';
import { CHANGES, changesOf, GIVEN, WELL } from './well.ts';

const PROD = ['--environment', 'prod', '--location', 'West Europe', '--package', 'outrider.zip'];
const YES = [...PROD, '--yes'];
const IDS = ['--api-app-id', GIVEN.apiApp, '--client-app-id', GIVEN.clientApp, '--cli-app-id', GIVEN.cliApp];
const BOOTSTRAP = 'deployment sub create --name outrider-bootstrap-prod-westeurope';
const MAIN = 'deployment sub create --name outrider-main-prod-westeurope';
const ENTRA = 'deployment group create --name outrider-entra';
const PUBLISH = 'functionapp deployment source config-zip';

/** Locks take more than a Contributor who may assign roles. */
const OWNER: Rule = { when: 'rest *permissions*', out: '*|\\n' };

let azure: Subscription;
beforeEach(async () => {
  azure = await emptySubscription();
});
afterEach(() => azure.stop());

const deploy = (args: readonly string[], ...before: readonly Rule[]): Promise<Ran> =>
  azure.run(args, [...before, ...WELL]);

describe('a whole deployment', () => {
  test('the first run asks first, then changes in order; the second does the same, and goes through', async () => {
    const first = await deploy(YES);
    expect(first).toMatchObject({ exit: 0, err: '' });
    expect(changesOf(first.calls)).toEqual([BOOTSTRAP, ENTRA, MAIN, PUBLISH]);
    const begun = first.calls.findIndex((call) => CHANGES.test(call));
    const asked = first.calls.slice(0, begun).map((call) => call.split(' --')[0]);
    expect(asked).toEqual([
      'version',
      'bicep version',
      'account show',
      'rest',
      'functionapp list-flexconsumption-locations',
      'rest',
      'group list',
      'rest',
      'bicep restore',
      'deployment sub what-if',
    ]);
    // What is changed in Azure was looked at before, with the same parameters.
    for (const create of first.calls.filter((call) => call.startsWith('deployment sub create'))) {
      const words = create.replace(' create ', ' what-if ').replace(' --output none', '');
      expect(first.calls.indexOf(words)).toBeGreaterThan(-1);
      expect(first.calls.indexOf(words)).toBeLessThan(first.calls.indexOf(create));
    }
    expect(first.calls).toContain(
      `${PUBLISH} --resource-group ${GIVEN.group} --name ${GIVEN.app} --src outrider.zip --output none`,
    );
    expect(first.out).toContain(`npx outrider doctor --url ${GIVEN.url}`);

    const second = await deploy(YES);
    expect(second.exit).toBe(0);
    expect(second.calls).toEqual(first.calls);
  });

  test('a failure in the middle tells the next command; that command goes on', async () => {
    const failed = await deploy(YES, {
      when: 'deployment sub create --name outrider-main-*',
      exit: 1,
      err: 'ERROR: (RequestDisallowedByPolicy) Resource was disallowed by policy.\\n',
    });
    expect(failed.exit).toBe(1);
    expect(changesOf(failed.calls)).toEqual([BOOTSTRAP, ENTRA, MAIN]);
    expect(failed.err).toContain('disallowed by policy.');
    expect(failed.err.trim().split('\n').at(-1)).toBe(
      "deploy: A policy of your organisation forbids it (step main): az policy assignment list --output table; ask for an exemption, then infra/deploy.sh --environment prod --location 'West Europe' --package outrider.zip --yes",
    );
    const resumed = await deploy(YES);
    expect(resumed.exit).toBe(0);
    expect(changesOf(resumed.calls)).toEqual([BOOTSTRAP, ENTRA, MAIN, PUBLISH]);
  });

  test('whichever step fails, the same command again goes on from there', async () => {
    const steps = [
      'deployment sub what-if --name outrider-bootstrap-*',
      `${BOOTSTRAP} *`,
      `${ENTRA} *`,
      'deployment sub what-if --name outrider-main-*',
      `${MAIN} *`,
      `${PUBLISH} *`,
    ];
    for (const when of steps) {
      const ran = await deploy(YES, { when, exit: 1, err: 'ERROR: Something in Azure.\\n' });
      expect(ran.exit, when).toBe(1);
      const [told, next] = ran.err.trim().split('\n').slice(-2);
      expect(told).toBe('ERROR: Something in Azure.');
      expect(next).toMatch(
        /^deploy: .*mend what (Azure|it) names above, then infra\/deploy\.sh --environment prod /,
      );
    }
    const done = await deploy(YES);
    expect([done.exit, done.err]).toEqual([0, '']);
    expect(changesOf(done.calls)).toEqual([BOOTSTRAP, ENTRA, MAIN, PUBLISH]);
  });

  test('who is told of alerts stays so when the next run does not say it', async () => {
    const given = async (): Promise<string | undefined> =>
      (await azure.environment()).get('one-tenant.main.bicepparam')?.get('OUTRIDER_ALERT_EMAIL');
    expect((await deploy([...YES, '--alert-email', 'soc@contoso.com'])).exit).toBe(0);
    expect(await given()).toBe('soc@contoso.com');
    const kept: Rule = { when: '*main*alertEmails*', out: 'soc@contoso.com\\n' };
    expect((await deploy(YES, kept)).exit).toBe(0);
    expect(await given()).toBe('soc@contoso.com');
    expect((await deploy([...YES, '--alert-email', 'noc@contoso.com'], kept)).exit).toBe(0);
    expect(await given()).toBe('noc@contoso.com');
  });

  test('a dry run sends nothing, and prints every command of a real one in its order', async () => {
    const dry = await deploy([...PROD, '--dry-run']);
    expect(dry).toMatchObject({ exit: 0, err: '', calls: [] });
    const real = await deploy(YES);
    const printed = dry.out.split('\n').filter((line) => line.startsWith('az '));
    const wordsOf = (call: string): string | undefined => call.replace(/^az /, '').split(' --')[0];
    expect(printed.map(wordsOf)).toEqual(real.calls.map(wordsOf));
    expect(printed.filter((line) => CHANGES.test(line))).toHaveLength(4);
  });

  test.each(['one', 'partner', 'locked'])(
    'size %s: every variable that its parameter files read is set',
    async (size) => {
      expect((await deploy([...YES, '--size', size], OWNER)).exit).toBe(0);
      const given = await azure.environment();
      expect(given.size).toBe(3);
      for (const [name, variables] of given) {
        const path = name.startsWith('bootstrap') ? name : join('sizes', name);
        const text = await readFile(join(ROOT, 'infra', path), 'utf8');
        const read = [...text.matchAll(/readEnvironmentVariable\('(\w+)'\)/g)].map(
          ([, variable]) => variable,
        );
        expect(read.length, basename(name)).toBeGreaterThan(1);
        for (const variable of read)
          expect(variables.get(variable ?? ''), `${name} ${variable}`).toBeTruthy();
      }
      expect(given.get([...given.keys()].find((name) => name.includes('main')) ?? '')).toEqual(
        expect.objectContaining(
          new Map([
            ['OUTRIDER_API_CLIENT_ID', GIVEN.apiApp],
            ['OUTRIDER_GRAPH_CLIENT_ID', GIVEN.clientApp],
            ['AZURE_TENANT_ID', GIVEN.directory],
          ]),
        ),
      );
    },
  );

  test('nobody there to be asked: nothing is done', async () => {
    const ran = await deploy(PROD);
    expect(ran).toMatchObject({ exit: 2, calls: [] });
    expect(ran.err).toMatch(
      /^deploy: Nobody is there to be asked: look with --dry-run, then: infra\/deploy\.sh .* --yes\n$/,
    );
  });
});

test('scripts name what the templates make', async () => {
  const entra = await readFile(join(ROOT, 'infra/entra/main.bicep'), 'utf8');
  for (const part of ['client', 'api', 'cli']) expect(entra).toContain(`\${namePrefix}-${part}'`);
  const bootstrap = await readFile(join(ROOT, 'infra/bootstrap.bicep'), 'utf8');
  const main = await readFile(join(ROOT, 'infra/main.bicep'), 'utf8');
  const steps = await readFile(join(ROOT, 'infra/deploy/steps.sh'), 'utf8');
  const outputs = [...steps.matchAll(/outputs\.(\w+)\.value/g)].map(([, name]) => name);
  expect(outputs).toHaveLength(7);
  for (const name of outputs) expect(bootstrap + main).toContain(`output ${name} string`);
});

test('whoever runs Outrider is given roles that the API has, those of outrider doctor among them', async () => {
  const entra = await readFile(join(ROOT, 'infra/entra/main.bicep'), 'utf8');
  const list = /module operatorRoles .*?roles: \[([^\]]*)\]/s.exec(entra)?.[1] ?? '';
  const given = [...list.matchAll(/'([^']+)'/g)].map(([, role]) => role);
  const known: readonly string[] = Object.values(ACTIONS);
  expect(known).toEqual(expect.arrayContaining(given));
  expect(given).toEqual(expect.arrayContaining(['Tenants.Read', 'Incidents.Read']));
});

describe('two people', () => {
  test('the owner begins, the administrator does Entra ID, the owner goes on with three ids', async () => {
    const begun = await deploy([...YES, '--skip-entra', '--operator', GIVEN.operator]);
    expect(begun.exit).toBe(0);
    expect(changesOf(begun.calls)).toEqual([BOOTSTRAP]);
    expect(begun.calls.join('\n')).not.toContain('graph.microsoft.com');
    const handed = lineWith(begun.out, '--entra-only');
    expect(lineWith(begun.out, 'az role assignment create').at(-1)).toContain(
      `/resourceGroups/${GIVEN.group}`,
    );
    // The administrator's own default may be another directory, or another subscription.
    expect(lineWith(begun.out, 'az login').at(-1)).toBe(GIVEN.directory);
    expect(begun.out).toContain(`\naz account set --subscription ${GIVEN.subscription}\n`);

    const done = await deploy([...handed, '--yes']);
    expect(done).toMatchObject({ exit: 0, err: '' });
    expect(changesOf(done.calls)).toEqual([ENTRA]);
    const given = (await azure.environment()).get('one-tenant.entra.bicepparam');
    expect(given?.get('OUTRIDER_OPERATOR_PRINCIPAL_ID')).toBe(GIVEN.operator);
    // The administrator need not see the subscription's deployments.
    expect(done.calls.join('\n')).not.toContain('deployment sub');
    const ids = lineWith(done.out, '--skip-entra');
    expect(ids).toEqual(expect.arrayContaining(IDS));
    const file = await readFile(join(azure.folder, 'outrider-prod.ids'), 'utf8');
    expect(ids.join(' ')).toContain(file.trim());

    const finished = await deploy([...ids, '--package', 'outrider.zip', '--yes']);
    expect(finished).toMatchObject({ exit: 0, err: '' });
    expect(changesOf(finished.calls)).toEqual([BOOTSTRAP, MAIN, PUBLISH]);
    expect((await azure.environment()).get('one-tenant.main.bicepparam')?.get('OUTRIDER_CLI_CLIENT_ID')).toBe(
      GIVEN.cliApp,
    );
  });

  test('the administrator comes first: told whom to wait for', async () => {
    const ran = await deploy([...YES, '--entra-only']);
    expect(ran.exit).toBe(1);
    expect(ran.err).toContain(
      'let the owner of the subscription run infra/deploy.sh --environment prod --location westeurope --skip-entra',
    );
    expect(changesOf(ran.calls)).toEqual([]);
  });
});

describe('azd', () => {
  const AZD = ['--azd', '--yes', '--environment', 'prod', '--location', 'westeurope'];

  test('everything before main.bicep is done, and its parameters are left to azd', async () => {
    const ran = await azure.run(AZD, WELL, { AZURE_SUBSCRIPTION_ID: GIVEN.subscription });
    expect(ran).toMatchObject({ exit: 0, err: '' });
    expect(changesOf(ran.calls)).toEqual([BOOTSTRAP, ENTRA]);
    expect(await azure.azd()).toEqual([
      `env set OUTRIDER_API_CLIENT_ID ${GIVEN.apiApp}`,
      `env set OUTRIDER_GRAPH_CLIENT_ID ${GIVEN.clientApp}`,
      `env set OUTRIDER_CLI_CLIENT_ID ${GIVEN.cliApp}`,
      `env set OUTRIDER_API_TENANT_ID ${GIVEN.directory}`,
      `env set AZURE_TENANT_ID ${GIVEN.directory}`,
    ]);
  });

  test('az in another subscription than azd: nothing is made, and told how to mend it', async () => {
    const other = '10000000-0000-4000-8000-0000000000ff';
    const ran = await azure.run(AZD, WELL, { AZURE_SUBSCRIPTION_ID: other });
    expect([ran.exit, ran.err]).toEqual([
      1,
      `deploy: az and azd mean two subscriptions: az account set --subscription ${other}\n`,
    ]);
    expect(changesOf(ran.calls)).toEqual([]);
  });
});

function lineWith(out: string, text: string): readonly string[] {
  const line = out.split('\n').find((one) => one.includes(text) && !one.startsWith('=='));
  expect(line, text).toBeDefined();
  return (line ?? '').split(' ').slice(1);
}
