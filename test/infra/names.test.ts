import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { propertyOf } from './checks/walk.ts';
import { callFunction, evaluate, type Values, variableOf } from './evaluate.ts';
import { infra, type Project } from './project.ts';
import { spoilt } from './samples.ts';

/**
 * Azure's rules, and what the parts of the templates add to a name.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
const RULES: Readonly<Record<string, RegExp>> = {
  resourceGroup: /^[\w.()-]{0,89}[\w()-]$/,
  functionIdentity: /^[A-Za-z0-9][\w-]{2,127}$/,
  federationIdentity: /^[A-Za-z0-9][\w-]{2,127}$/,
  callerIdentity: /^[A-Za-z0-9][\w-]{2,127}$/,
  storage: /^[a-z0-9]{3,24}$/,
  vault: /^[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
  plan: /^[A-Za-z0-9-]{1,60}$/,
  // 32, not 60: the Functions host cuts its id there, and two apps on one account would get into each other's way.
  functionApp: /^[a-z0-9][a-z0-9-]{0,30}[a-z0-9]$/,
  workspace: /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
  insights: /^[A-Za-z0-9-]{1,255}$/,
  actionGroup: /^[A-Za-z0-9-]{1,260}$/,
  // With room for what is named after it: derivedFaults below.
  network: /^[A-Za-z0-9][A-Za-z0-9-]{0,47}[A-Za-z0-9]$/,
  logicApp: /^[A-Za-z0-9-]{1,43}$/,
  vaultEvents: /^[A-Za-z0-9-]{3,50}$/,
  apps: /^[a-z0-9-]{1,100}$/,
};
const SUBSCRIPTION = '0f3c2a10-1111-4222-8333-444455556666';

let project: Project;
beforeAll(async () => {
  project = await infra();
});

function namesOf(
  environment: string,
  location = 'westeurope',
  { subscription = SUBSCRIPTION, from = project } = {},
): Record<string, string> {
  const file = from.get('names.bicep');
  if (!file) throw new Error('names.bicep is gone.');
  return callFunction(file, 'namesOf', [environment, location, subscription]) as unknown as Record<
    string,
    string
  >;
}

function faults(names: Readonly<Record<string, string>>): string[] {
  return Object.entries(names)
    .filter(([what, name]) => !RULES[what]?.test(name))
    .map(([what, name]) => `${what}: ${name}`);
}

/** Names that modules make of the ones above, by Azure's rules for each. */
function derivedFaults(from: Project, names: Readonly<Record<string, string>>): string[] {
  const made = (path: string, of: 'resources' | 'modules', known: Values, ...property: string[]) =>
    (from.get(path)?.[of] ?? []).flatMap(({ name, value }) => {
      const file = from.get(path);
      const text = propertyOf(value, ...property);
      return file && text
        ? [[name, String(evaluate(file, text, new Map(Object.entries(known))))] as const]
        : [];
    });
  const endpoints = made('main.bicep', 'modules', { names, part: 'queue' }, 'params', 'name').filter(
    ([name]) => name.endsWith('Endpoint') || name.endsWith('Endpoints'),
  );
  const rules = variableOf(
    from.get('modules/alerts.bicep'),
    'rules',
    new Map([['loadTextContent()', () => '']]),
  );
  const parts = made('modules/network.bicep', 'resources', { name: names.network ?? '' }, 'name');
  const nics = endpoints.flatMap(([, name]) =>
    made('modules/privateEndpoint.bicep', 'resources', { name }, 'properties', 'customNetworkInterfaceName'),
  );
  const alerts = (rules as readonly Values[]).flatMap((rule) =>
    made('modules/alerts.bicep', 'resources', { prefix: names.functionApp ?? '', rule }, 'name'),
  );
  if ([parts, endpoints, nics, alerts].some((some) => some.length === 0)) throw new Error('Names are gone.');
  const wrong = (all: readonly (readonly [string, string])[], rule: RegExp, what = '') =>
    all.filter(([, name]) => !rule.test(name)).map(([symbol, name]) => `${symbol}${what}: ${name}`);
  return [
    ...wrong(parts, /^[A-Za-z0-9][\w.-]{0,78}\w$/),
    ...wrong(endpoints, /^[A-Za-z0-9][\w.-]{0,62}\w$/),
    ...wrong(nics, /^[A-Za-z0-9][\w.-]{0,78}\w$/, ' nic'),
    ...wrong(alerts, /^[A-Za-z0-9][A-Za-z0-9 -]{0,258}[A-Za-z0-9]$/),
  ];
}

const anyName = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom(...[...'aA0-_. äÖüßéİ日本😀']),
    minLength: 1,
    maxLength: 64,
  }),
);

describe('the name of everything', () => {
  it('is within Azure’s rules, whatever the environment is called', () => {
    expect(Object.keys(namesOf('prod')).sort()).toEqual(Object.keys(RULES).sort());
    for (const name of ['prod', 'P', 'Müller & Söhne GmbH', 'x'.repeat(64), '日本', '---', '1', 'İ']) {
      expect(faults(namesOf(name)), name).toEqual([]);
    }
    fc.assert(
      fc.property(anyName, (name) => faults(namesOf(name)).length === 0),
      { numRuns: 150 },
    );
  });

  it('is within Azure’s rules also where the parts of a network, endpoints and alerts are named after it', () => {
    const longest = namesOf('x'.repeat(64));
    expect(derivedFaults(project, longest)).toEqual([]);
    const longer = { ...longest, network: 'v'.repeat(72), functionApp: 'f'.repeat(250) };
    expect(derivedFaults(project, longer).map((fault) => fault.split(':')[0])).toEqual(
      expect.arrayContaining(['endpointRules', 'storageEndpoints', 'endpoint nic', 'alerts']),
    );
  });

  it('is no other environment’s, even where the readable part is the same', () => {
    for (const [one, other] of [
      ['prod-1', 'prod1'],
      ['müller', 'mueller'],
      ['x'.repeat(40), 'x'.repeat(41)],
      ['日本', '中国'],
    ] as const) {
      expect(shared(namesOf(one), namesOf(other)), `${one} ${other}`).toEqual([]);
    }
    fc.assert(
      fc.property(anyName, anyName, (one, other) => {
        fc.pre(one.toLowerCase() !== other.toLowerCase());
        return shared(namesOf(one), namesOf(other)).length === 0;
      }),
      { numRuns: 100 },
    );
    expect(shared(namesOf('prod'), namesOf('prod', 'northeurope'))).toEqual([]);
    const elsewhere = { subscription: SUBSCRIPTION.replace('0f3c', '1f3c') };
    expect(shared(namesOf('prod'), namesOf('prod', 'westeurope', elsewhere))).toEqual([]);
  });

  it('is the same again for the same environment: letter case and blanks of a region do not matter', () => {
    expect(namesOf('Prod', 'West Europe', { subscription: SUBSCRIPTION.toUpperCase() })).toEqual(
      namesOf('prod', 'westeurope'),
    );
  });

  it('says what it is the name of', () => {
    expect(namesOf('Müller')).toMatchObject({
      resourceGroup: expect.stringMatching(/^rg-outrider-mueller-\w{13}$/),
      functionApp: expect.stringMatching(/^func-mueller-\w{13}$/),
      storage: expect.stringMatching(/^stmueller\w{13}$/),
    });
  });

  it.each([
    ['too long', `'st\${take(label, 9)}`, `'st\${take(label, 10)}`, 'x'.repeat(20), 'storage'],
    ['two hyphens', "? 'env' :", "? '' :", '日本', 'vault'],
    ['a letter that is not allowed', "contains('abc", "contains('éabc", 'é', 'storage'],
    ['a Logic App’s', `'logic-\${take(label, 12)}`, `'logic-\${take(label, 24)}`, 'x'.repeat(30), 'logicApp'],
  ])('is found to be wrong: %s', async (_, from, to, name, what) => {
    const wrong = await spoilt(project, 'names.bicep', from, to);
    const found = faults(namesOf(name, 'westeurope', { from: wrong }));
    expect(found.join('\n')).toContain(what);
  });

  it('is found to collide', async () => {
    const wrong = await spoilt(project, 'names.bicep', 'toLower(environmentName), ', '');
    const of = (name: string) => namesOf(name, 'westeurope', { from: wrong });
    expect(shared(of('müller'), of('mueller'))).not.toEqual([]);
  });
});

function shared(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): string[] {
  const names = new Set(Object.values(other).map((name) => name.toLowerCase()));
  return Object.values(one).filter((name) => names.has(name.toLowerCase()));
}
