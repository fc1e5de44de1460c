import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AZURE } from './azure.ts';
import { propertyOf } from './checks/walk.ts';
import { evaluate, parametersOf } from './evaluate.ts';
import { infra, ROOT } from './project.ts';

// The link of an invitation has its secret in the query. docs/decisions/0013-onboarding.md

it('the host leaves queries of requests out of its telemetry', async () => {
  const host = JSON.parse(await readFile(join(ROOT, 'host.json'), 'utf8'));
  // https://learn.microsoft.com/azure/azure-functions/functions-host-json#applicationinsights
  expect(host.logging.applicationInsights.enableQueryStringTracing).toBe(false);
});

it('no log of the platform with queries and cookies of requests is switched on', async () => {
  const file = (await infra()).get('modules/function.bicep');
  const diagnostics = file?.resources.find(({ name }) => name === 'diagnostics')?.value;
  const logs = propertyOf(diagnostics, 'properties', 'logs');
  if (!file || !logs) throw new Error('The function app has no diagnostics.');
  // https://learn.microsoft.com/azure/azure-monitor/reference/tables/appservicehttplogs
  const told = evaluate(file, logs, parametersOf(file, {}, AZURE));
  expect(told).toEqual([{ category: 'AppServiceAuthenticationLogs', enabled: true }]);
});
