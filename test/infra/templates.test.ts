import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkMembers } from './checks/members.ts';
import { checkModuleCalls } from './checks/module-calls.ts';
import { checkPlacement } from './checks/placement.ts';
import {
  checkDescriptions,
  checkPreviews,
  checkRoles,
  checkSecrets,
  checkTags,
  checkTypes,
} from './checks/policy.ts';
import { checkReferences } from './checks/references.ts';
import { checkResourceBodies } from './checks/resource-bodies.ts';
import { checkSyntax } from './checks/syntax.ts';
import { checkUnused } from './checks/unused.ts';
import { EXTRACT, extractedFacts, extractText, publishedFacts } from './facts/extract.ts';
import type { Facts } from './facts/types.ts';
import { infra, type Project, projectOf } from './project.ts';
import { spoilt } from './samples.ts';

let project: Project;
let facts: Facts;

beforeAll(async () => {
  project = await infra();
  facts = await extractedFacts();
});

/** A check, and templates in which it must find each of these. */
interface Case {
  readonly check: (project: Project, facts: Facts) => readonly string[];
  readonly samples: Readonly<Record<string, string>>;
}

const account = (rest: string): string =>
  `resource a 'Microsoft.Storage/storageAccounts@2025-06-01' = {\n  location: 'x'\n  kind: 'StorageV2'\n  sku: { name: 'Standard_LRS' }\n  ${rest}\n}`;
const role = (scope: string, id: string): string => `
resource s 'Microsoft.Storage/storageAccounts@2025-06-01' existing = { name: 'x' }
resource r 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  ${scope}
  name: guid('x')
  properties: {
    principalId: 'p'
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${id}')
  }
}`;
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const MODULE = `
targetScope = 'resourceGroup'
type size = 'small' | 'large'
param name string
param count int = 1
param size size = 'small'
param tags { *: string } = {}
output id string = name
`;
const call = (params: string): string => `module m 'm.bicep' = { params: { ${params} } }`;

const CASES: Readonly<Record<string, Case>> = {
  'parses without an error': {
    check: checkSyntax,
    samples: {
      'is no Bicep': "resource = 'x' {",
      'sample.bicep:2 is no Bicep': 'var x = [1, 2\nvar y = 3',
    },
  },
  'gives resources the properties that the published types have': {
    check: checkResourceBodies,
    samples: {
      'nonsense is unknown': account("name: 'abc'\n  nonsense: true"),
      'name is missing': account(''),
      'appid is unknown':
        "extension microsoftGraphV1\nresource a 'Microsoft.Graph/applications@v1.0' = { uniqueName: 'x', displayName: 'x', api: { preAuthorizedApplications: concat([], map(['x'], id => { appid: id })) } }",
      'colour is unknown': `param p bool\n${account("name: 'abc'\n  ...(p ? {} : { colour: 'red' })")}`,
      'primaryEndpoints is read-only': account("name: 'abc'\n  properties: { primaryEndpoints: {} }"),
      'is string, bool is wanted': account("name: 'abc'\n  properties: { allowSharedKeyAccess: 'no' }"),
      "'TLS1_4' is none of": account("name: 'abc'\n  properties: { minimumTlsVersion: 'TLS1_4' }"),
      "'Ab' is not 3 to 24": account("name: 'Ab'"),
      "'ABC' does not match": account("name: 'ABC'"),
      'is array, object is wanted': account("name: 'abc'\n  properties: []"),
      'is no type or version': "resource a 'Microsoft.Storage/storageAccounts@1999-01-01' = { name: 'abc' }",
      'cannot be deployed to a resourceGroup':
        "resource g 'Microsoft.Resources/resourceGroups@2025-04-01' = { name: 'x', location: 'y' }",
      'cannot be found in a subscription':
        "targetScope = 'subscription'\nresource a 'Microsoft.Storage/storageAccounts@2025-06-01' existing = { name: 'abc' }",
      'needs the extension microsoftGraphV1':
        "resource p 'Microsoft.Graph/servicePrincipals@v1.0' = { appId: 'x' }",
      'existing: location is not looked up':
        "resource a 'Microsoft.Storage/storageAccounts@2025-06-01' existing = { name: 'abc', location: 'x' }",
      'is a list where none is wanted': account("name: 'abc'\n  properties: [for x in ['y']: x]"),
      'is string, int is wanted':
        "param p bool\nvar v = p ? 2 : 'much'\nresource m 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = { name: 'x', location: 'y', properties: { severity: v } }",
    },
  },
  'calls modules with the parameters that they have': {
    check: checkModuleCalls,
    samples: {
      'needs the parameter name': call('count: 2'),
      'has no parameter colour': call("name: 'x', colour: 'red'"),
      'name: int where string is wanted': call('name: 1'),
      'count: bool where int is wanted': `param b bool\n${call("name: 'x', count: b")}`,
      'size: medium is not one of its values': call("name: 'x', size: 'medium'"),
      'tags: array where object is wanted': call("name: 'x', tags: []"),
      'has no output nothing': `${call("name: 'x'")}\noutput o string = m.outputs.nothing`,
      'count: string where int is wanted': `${call("name: 'x'")}\nmodule n 'm.bicep' = { params: { name: 'y', count: m.outputs.id } }`,
      'gone.bicep does not exist': "module m 'gone.bicep' = { params: {} }",
      'm is for a resourceGroup: scope is missing': `targetScope = 'subscription'\n${call("name: 'x'")}`,
      'a module has no parameters': "module m 'm.bicep' = { parameters: {}, params: { name: 'x' } }",
    },
  },
  'uses only names that are declared': {
    check: checkReferences,
    samples: {
      'nobody is not declared': "output o string = 'a' == nobody",
      'x is not declared': 'var v = map([1], x => x)\nvar w = x',
      'f uses more than its parameters': 'var v = 1\nfunc f(a int) int => a + v',
      'upper() is no function': "var v = upper('x')",
      // What is made of the time or of chance is another on a second run.
      'utcNow() is no function': "param begun string = utcNow('yyyy-MM-01')",
      'newGuid() is no function': 'param name string = newGuid()',
      'take() has 1 arguments': "var v = take('x')",
      'the type colour is not declared': 'param p colour',
      'v is declared twice': 'var v = 1\nparam v int',
      'm.bicep exports no MODULE': "import { MODULE } from 'm.bicep'",
      '@descriptoin is no decorator': "@descriptoin('x')\nparam p int",
    },
  },
  'declares nothing that it does not use': {
    check: checkUnused,
    samples: {
      'p is not used': 'param p string',
      'v is not used': 'var v = 1',
      'f is not used': 'func f(a int) int => a',
      't is not used': 'type t = string',
      'a is not used': "resource a 'Microsoft.Storage/storageAccounts@2025-06-01' existing = { name: 'abc' }",
      's is not used': "import { size as s } from 'm.bicep'",
      'v is exported for nobody': '@export()\nvar v = 1',
      'the output o is read by nobody': "module own 'sample.bicep' = {}\noutput o string = 'x'",
    },
  },
  'reads only properties that there are': {
    check: checkMembers,
    samples: {
      'there is no colour': 'type t = { size: int }\nparam p t\noutput o int = p.colour',
      'there is no b': 'var v = { a: 1 }\noutput o int = v.b',
      'there is no endpoint':
        "resource a 'Microsoft.Storage/storageAccounts@2025-06-01' existing = { name: 'abc' }\noutput o string = a.properties.endpoint",
      'there is no c': 'type t = { b: int }\nfunc f(a int) t => { b: a }\noutput o int = f(1).c',
    },
  },
  'describes every parameter and output': {
    check: checkDescriptions,
    samples: {
      'p has no description': 'param p string',
      'o has no description': "@description('')\noutput o string = 'x'",
      't has no description': '@export()\ntype t = string',
      't.a has no description': "@description('xxxx')\ntype t = { a: string }",
    },
  },
  'has types that say what may be given': {
    check: checkTypes,
    samples: {
      'the type object takes anything': 'param p object',
      'the type array takes anything': 'output o array = []',
      'the type any takes anything': 'func f(a any) string => a',
    },
  },
  'keeps secrets secret': {
    check: checkSecrets,
    samples: {
      'clientSecret is a secret': 'param clientSecret string',
      'the output o shows a secret': '@secure()\nparam word string\noutput o string = word',
      'the output key shows a secret':
        "resource a 'Microsoft.Storage/storageAccounts@2025-06-01' existing = { name: 'abc' }\noutput key string = a.properties.connectionString",
      'asks Azure for a key': "output o object = listKeys('x', '2025-06-01')",
    },
  },
  'says of each resource what it is called, and where it is': {
    check: checkPlacement,
    samples: {
      's has no name': "resource s 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {}",
      'b is a part of nothing':
        "resource b 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = { name: 'default' }",
      'l is on nothing':
        "resource l 'Microsoft.Authorization/locks@2020-05-01' = { name: 'x', properties: { level: 'CanNotDelete' } }",
      'a has no location': "resource a 'Microsoft.Network/natGateways@2025-09-01' = { name: 'x' }",
    },
  },
  'tags what can have tags': {
    check: checkTags,
    samples: { 'a has no tags': account("name: 'abc'") },
  },
  'says why a version is a preview': {
    check: checkPreviews,
    samples: { 'is a preview': "resource a 'X/y@2026-01-01-preview' = { name: 'x' }" },
  },
  'gives roles on the resource, and none that may do more': {
    check: checkRoles,
    samples: {
      'a role that is not on one resource': role('', '4633458b-17de-408a-b874-0445c86b69e6'),
      [`the role ${OWNER} is not one`]: role('scope: s', OWNER),
      'a role of our own': "resource d 'Microsoft.Authorization/roleDefinitions@2022-04-01' = { name: 'x' }",
      'name is not made of resource, principal and role': role('scope: s', OWNER),
      'principalType is not': role('scope: s', OWNER).replace("'ServicePrincipal'", "'User'"),
    },
  },
};

describe.each(Object.entries(CASES))('a template %s', (_, { check, samples }) => {
  it('in infra/', () => {
    expect(check(project, facts)).toEqual([]);
  });

  it.each(Object.entries(samples))('or else: %s', async (text, sample) => {
    const found = check(await projectOf({ 'm.bicep': MODULE, 'sample.bicep': sample }), facts);
    expect(found.filter((one) => one.startsWith('sample.bicep')).join('\n')).toContain(text);
  });
});

describe('parameter files', () => {
  it('give what their template asks for', () => {
    const using = [...project.values()].map((file) => file.using).filter((one) => one !== undefined);
    expect(using.sort()).toEqual([
      ...Array<string>(3).fill('../entra/main.bicep'),
      ...Array<string>(3).fill('../main.bicep'),
      'bootstrap.bicep',
    ]);
  });

  it.each([
    ['has no parameter colour', 'param callers =', "param colour = 'red'\nparam callers ="],
    [
      'needs the parameter namePrefix',
      "param namePrefix = readEnvironmentVariable('OUTRIDER_NAME_PREFIX')\n",
      '',
    ],
    ['callers: everybody is not one of its values', "'multi-tenant'", "'everybody'"],
    [
      'roles: string where array is wanted',
      "['Incidents.Read', 'Incidents.Sync', 'Hunts.Read', 'Hunts.Run']",
      "'all'",
    ],
  ])('or else: %s', async (text, from, to) => {
    const found = checkModuleCalls(await spoilt(project, 'sizes/partner.entra.bicepparam', from, to));
    expect(found.join('\n')).toContain(text);
  });
});

it('the extract of the published types is what the templates use, where they are at hand', async () => {
  const published = await publishedFacts();
  if (!published) return;
  expect(await readFile(EXTRACT, 'utf8')).toBe(await extractText(published));
});
