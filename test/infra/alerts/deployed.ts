import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { propertyOf } from '../checks/walk.ts';
import { evaluate, parametersOf, type Values, variableOf } from '../evaluate.ts';
import { type Project, ROOT } from '../project.ts';

/** An alert rule as it is deployed: its question is whole. */
export interface Rule {
  readonly name: string;
  readonly query: string;
  readonly every: string;
  readonly window: string;
  readonly byTenant: boolean;
  /** What Azure is given, question and all. */
  readonly properties: Values;
}

/** What a template reads from a file beside it. */
const FILES: Values = {
  'loadTextContent()': (path) => readFileSync(join(ROOT, 'infra/modules', String(path)), 'utf8'),
  'resourceGroup()': { id: '/subscriptions/x/resourceGroups/y' },
  'guid()': 'a guid',
};

/** The alert rules, made of the template as Bicep makes them, for a workspace `logs` and an action group `people`. */
export function deployedRules(project: Project): readonly Rule[] {
  const file = project.get('modules/alerts.bicep');
  const resource = file?.resources.find(({ name }) => name === 'alerts');
  const body = propertyOf(resource?.value, 'properties');
  if (!file || !body) throw new Error('There is no template of alerts.');
  const given = parametersOf(file, { workspaceId: 'logs', actionGroupId: 'people' }, FILES);
  const rules = variableOf(file, 'rules', given) as unknown as readonly Values[];
  return rules.map((rule) => {
    const properties = evaluate(file, body, new Map([...given, ['rule', rule]])) as Values;
    const { allOf } = properties.criteria as unknown as { readonly allOf: readonly Values[] };
    return {
      name: String(rule.name),
      byTenant: rule.byTenant === true,
      query: String(allOf[0]?.query),
      every: String(properties.evaluationFrequency),
      window: String(properties.windowSize),
      properties,
    };
  });
}

/** The questions of the workbook, by the name of the part that asks. */
export function workbookQueries(project: Project): ReadonlyMap<string, string> {
  const file = project.get('modules/workbook.bicep');
  const resource = file?.resources.find(({ name }) => name === 'workbook');
  const data = propertyOf(resource?.value, 'properties', 'serializedData');
  if (!file || !data) throw new Error('The template of the workbook has no data.');
  const { items } = JSON.parse(String(evaluate(file, data, parametersOf(file, {}, FILES)))) as {
    readonly items: readonly { readonly name: string; readonly content: { readonly query?: string } }[];
  };
  return new Map(
    items.flatMap(({ name, content }) => (content.query ? [[name, content.query] as const] : [])),
  );
}
