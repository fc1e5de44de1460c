import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { OPEN_PATHS, openPathsText, SIZES } from '../../scripts/infra-build.ts';
import { AZURE, ID } from './azure.ts';
import { propertyOf } from './checks/walk.ts';
import { evaluate, parametersOf, type Value, type Values, variableOf } from './evaluate.ts';
import { infra, type Project } from './project.ts';
import { spoilt } from './samples.ts';

let project: Project;
beforeAll(async () => {
  project = await infra();
});

describe('whose tokens open the API', () => {
  /** One word decides: the app registration, the platform's check, and the app's own. */
  const decided = (from: Project, callers: string) => {
    const of = (path: string, resource: string, ...property: string[]): Value => {
      const file = from.get(path);
      const value = propertyOf(file?.resources.find(({ name }) => name === resource)?.value, ...property);
      if (!file || !value) throw new Error(`${path} has no ${property.join('.')}.`);
      return evaluate(
        file,
        value,
        parametersOf(
          file,
          { callers, apiTenantId: `${ID}9`, apiClientId: `${ID}3`, ownAppId: `${ID}3` },
          AZURE,
        ),
      );
    };
    const entra = ['properties', 'identityProviders', 'azureActiveDirectory'];
    const main = from.get('main.bicep');
    if (!main) throw new Error('main.bicep is gone.');
    const settings = variableOf(
      main,
      'outriderSettings',
      parametersOf(main, { callers, environmentName: 'x' }, AZURE),
    ) as Values;
    return {
      signInAudience: of('entra/apiApp.bicep', 'app', 'signInAudience'),
      uris: of('entra/apiApp.bicep', 'app', 'identifierUris'),
      issuer: of('modules/easyauth.bicep', 'authentication', ...entra, 'registration', 'openIdIssuer'),
      audiences: of('modules/easyauth.bicep', 'authentication', ...entra, 'validation', 'allowedAudiences'),
      setting: settings.OUTRIDER_API_CALLERS,
    };
  };
  const same = { uris: [`api://${ID}3`], audiences: [`${ID}3`, `api://${ID}3`] };

  it('is decided by one parameter: the own directory’s', () => {
    expect(decided(project, 'single-tenant')).toEqual({
      ...same,
      signInAudience: 'AzureADMyOrg',
      issuer: `https://login.microsoftonline.com/${ID}9/v2.0`,
      setting: 'single-tenant',
    });
  });

  it('is decided by one parameter: registered tenants’ as well', () => {
    expect(decided(project, 'multi-tenant')).toEqual({
      ...same,
      signInAudience: 'AzureADMultipleOrgs',
      issuer: 'https://login.microsoftonline.com/common/v2.0',
      setting: 'multi-tenant',
    });
  });

  it.each([
    ['entra/apiApp.bicep', "'AzureADMultipleOrgs'", "'AzureADMyOrg'"],
    ['entra/apiApp.bicep', "['api://", "['api://x"],
    ['modules/easyauth.bicep', "'common'", "'organizations'"],
    ['modules/easyauth.bicep', '/v2.0', ''],
    ['modules/easyauth.bicep', '[apiClientId, ', '['],
    ['main.bicep', 'OUTRIDER_API_CALLERS: callers', "OUTRIDER_API_CALLERS: 'single-tenant'"],
  ])('or else, in %s: %s → %s', async (path, from, to) => {
    const wrong = await spoilt(project, path, from, to);
    expect(decided(wrong, 'multi-tenant')).not.toEqual(decided(project, 'multi-tenant'));
  });

  const disagreeing = (from: Project): string[] =>
    SIZES.filter((size) => {
      const said = ['main', 'entra'].map((what) =>
        variableOf(from.get(`sizes/${size}.${what}.bicepparam`), 'callers'),
      );
      return said[0] !== said[1];
    });

  it('is the same word in both parameter files of each size', async () => {
    expect(disagreeing(project)).toEqual([]);
    const path = 'sizes/partner.entra.bicepparam';
    expect(disagreeing(await spoilt(project, path, "'multi-tenant'", "'single-tenant'"))).toEqual([
      'partner',
    ]);
  });

  const HANDED = [
    ['main.bicep', 'easyauth'],
    ['entra/main.bicep', 'apiApp'],
    ['entra/main.bicep', 'apiAppCompleted'],
  ] as const;
  const handed = (from: Project): Value[] =>
    HANDED.map(([path, module]) => {
      const file = from.get(path);
      const call = file?.modules.find(({ name }) => name === module)?.value;
      const value = propertyOf(call, 'params', 'callers');
      return file && value ? evaluate(file, value, new Map([['callers', 'what was said']])) : null;
    });

  it('is handed to the modules as it is', () => {
    expect(handed(project)).toEqual(HANDED.map(() => 'what was said'));
  });

  it.each(['main.bicep', 'entra/main.bicep'])('or else, in %s', async (path) => {
    const wrong = await spoilt(project, path, '    callers: callers\n', "    callers: 'single-tenant'\n");
    expect(handed(wrong)).toContain('single-tenant');
  });
});

describe('paths that the platform lets through without a token', () => {
  it('are exactly the open routes of the table, as npm run infra:build writes them', async () => {
    expect(await readFile(OPEN_PATHS, 'utf8')).toBe(await openPathsText());
    const paths = variableOf(project.get('modules/openPaths.bicep'), 'openPaths');
    expect(paths).toContain('/api/health');
    const excluded = (from: Project) =>
      propertyOf(
        from.get('modules/easyauth.bicep')?.resources.find(({ name }) => name === 'authentication')?.value,
        ...['properties', 'globalValidation', 'excludedPaths'],
      );
    const asWritten = { kind: 'name', name: 'openPaths' };
    expect(excluded(project)).toMatchObject(asWritten);
    const wrong = [
      'modules/easyauth.bicep',
      'excludedPaths: openPaths',
      "excludedPaths: ['/api/*']",
    ] as const;
    expect(excluded(await spoilt(project, ...wrong))).not.toMatchObject(asWritten);
  });

  it('have the one among them that the client app’s registration sends a customer’s admin back to', () => {
    const bootstrap = project.get('bootstrap.bicep');
    const url = bootstrap?.outputs.find(({ name }) => name === 'onboardingCallbackUrl')?.value;
    if (!bootstrap || !url) throw new Error('bootstrap.bicep hands over no callback.');
    const callback = new URL(String(evaluate(bootstrap, url, parametersOf(bootstrap, {}, AZURE))));
    expect(variableOf(project.get('modules/openPaths.bicep'), 'openPaths')).toContain(callback.pathname);
    const graph = project.get('entra/graphApp.bicep');
    const redirects = propertyOf(
      graph?.resources.find(({ name }) => name === 'app')?.value,
      'web',
      'redirectUris',
    );
    if (!graph || !redirects) throw new Error('The client app has no redirect.');
    const given = (servesCustomers: boolean) =>
      evaluate(
        graph,
        redirects,
        parametersOf(graph, { servesCustomers, onboardingCallbackUrl: callback.href }),
      );
    expect(given(true)).toEqual([callback.href]);
    expect(given(false)).toEqual([]);
  });

  it('follow the table and the prefix, and cannot have a parameter', async () => {
    const routes = [
      { path: 'onboarding/callback', action: undefined },
      { path: 'tenants', action: 'tenants.read' },
    ];
    expect(await openPathsText(routes)).toContain("['/api/onboarding/callback']");
    await expect(openPathsText([{ path: 'x/{y}', action: undefined }])).rejects.toThrow(
      'x/{y} has a parameter',
    );
  });
});
