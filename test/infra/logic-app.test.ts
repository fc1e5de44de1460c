import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ACTIONS } from '../../shared/http/actions.ts';
import { readParameters } from '../../shared/http/parameters.ts';
import { ROUTES } from '../../shared/http/routes-table.ts';
import { ID } from './azure.ts';
import { propertyOf } from './checks/walk.ts';
import { evaluate, parametersOf, type Values, variableOf } from './evaluate.ts';
import { infra, type Project, ROOT } from './project.ts';
import { spoilt } from './samples.ts';

let project: Project;
let source: string;
beforeAll(async () => {
  project = await infra();
  source = await readFile(join(ROOT, 'functions/list-incidents.http.ts'), 'utf8');
});

/** What the Logic App asks our API, with the times that Azure puts in: seven digits behind the second. */
function asked(from: Project): { readonly method: string; readonly path: string; readonly query: Values } {
  const file = from.get('modules/logicapp.bicep');
  const workflow = file?.resources.find(({ name }) => name === 'workflow')?.value;
  const inputs = propertyOf(workflow, 'properties', 'definition', 'actions', 'Open_incidents', 'inputs');
  if (!file || !inputs) throw new Error('The Logic App asks nothing.');
  const names = parametersOf(file, { host: 'func-x.azurewebsites.net', tenantId: `${ID}9` });
  const { method, uri, queries } = evaluate(file, inputs, names) as Values;
  const query = Object.entries(queries as Values).map(([name, value]) => [
    name,
    String(value).replace('@{addHours(utcNow(), -1)}', '2026-11-21T22:00:00.1234567Z'),
  ]);
  return { method: String(method), path: new URL(String(uri)).pathname, query: Object.fromEntries(query) };
}

/** Is there such a route, and does it take these parameters with these values? */
function faults({ method, path, query }: ReturnType<typeof asked>): readonly string[] {
  const pattern = (route: string) => new RegExp(`^/api/${route.replace(/\{\w+\}/g, '[^/]+')}$`);
  const route = ROUTES.find((one) => one.method === method && pattern(one.path).test(path));
  const known = [...source.matchAll(/parameters\.\w+\('(\w+)'/g)].map(([, name]) => name ?? '');
  const [, words = ''] = /STATUSES = \[([^\]]+)\]/.exec(source) ?? [];
  const statuses = words.split(',').map((word) => word.trim().replaceAll("'", ''));
  const parameters = readParameters(new URLSearchParams(query as Record<string, string>));
  parameters.words('status', statuses);
  parameters.time('updatedSince');
  parameters.integer('top', { from: 1, to: 200, fallback: 50 });
  const found = Object.keys(query).filter((name) => !known.includes(name));
  try {
    parameters.done();
  } catch (error) {
    found.push(String(error));
  }
  return [...(route?.name === 'list-incidents' ? [] : [`no route ${method} ${path}`]), ...found];
}

describe('the Logic App', () => {
  it('asks what the API answers', () => {
    expect(faults(asked(project))).toEqual([]);
  });

  it.each([
    ['updatedSinc', 'updatedSince:', 'updatedSinc:'],
    ['status: ', "'active,inProgress,", "'open,inProgress,"],
    ['top: ', "top: '200'", "top: '500'"],
    ['no route', '/incidents', '/incident'],
    ['no route', "method: 'GET'", "method: 'POST'"],
  ])('or else: %s', async (text, from, to) => {
    const wrong = await spoilt(project, 'modules/logicapp.bicep', from, to);
    expect(faults(asked(wrong)).join('\n')).toContain(text);
  });

  it.each(['one-tenant', 'partner', 'locked-down'])('may ask it, in the size %s', (size) => {
    const parameters = new Map([['readEnvironmentVariable()', () => 'x'] as const]);
    const callers = variableOf(project.get(`sizes/${size}.entra.bicepparam`), 'callerIdentities', parameters);
    const [caller] = callers as unknown as readonly { readonly roles: readonly string[] }[];
    expect(caller?.roles).toContain(ACTIONS['incidents.read']);
  });
});
