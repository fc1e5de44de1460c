import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AZURE } from './azure.ts';
import { propertyOf } from './checks/walk.ts';
import { evaluate, parametersOf, type Value } from './evaluate.ts';
import { infra, type Project, ROOT } from './project.ts';
import { spoilt } from './samples.ts';

// The link of an invitation has its secret in the query. docs/decisions/0013-onboarding.md

it('the host leaves queries of requests out of its telemetry', async () => {
  const host = JSON.parse(await readFile(join(ROOT, 'host.json'), 'utf8'));
  // https://learn.microsoft.com/azure/azure-functions/functions-host-json#applicationinsights
  expect(host.logging.applicationInsights.enableQueryStringTracing).toBe(false);
});

/** The categories of the platform's log of the app that a deployment switches on. */
function categoriesOf(project: Project): Value {
  const file = project.get('modules/function.bicep');
  const diagnostics = file?.resources.find(({ name }) => name === 'diagnostics')?.value;
  const logs = propertyOf(diagnostics, 'properties', 'logs');
  if (!file || !logs) throw new Error('The function app has no diagnostics.');
  return evaluate(file, logs, parametersOf(file, {}, AZURE));
}

// https://learn.microsoft.com/azure/azure-monitor/reference/tables/appservicehttplogs
const WITHOUT_QUERIES = [{ category: 'AppServiceAuthenticationLogs', enabled: true }];

it('no log of the platform with queries and cookies of requests is switched on', async () => {
  expect(categoriesOf(await infra())).toEqual(WITHOUT_QUERIES);
});

it('or else: one that has them', async () => {
  const wrong = await spoilt(
    await infra(),
    'modules/function.bicep',
    "category: 'AppServiceAuthenticationLogs'",
    "categoryGroup: 'allLogs'",
  );
  expect(categoriesOf(wrong)).not.toEqual(WITHOUT_QUERIES);
});
