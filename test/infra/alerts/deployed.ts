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
}

/** What a template reads from a file beside it. */
const FILES: Values = {
  'loadTextContent()': (path) => readFileSync(join(ROOT, 'infra/modules', String(path)), 'utf8'),
  'resourceGroup()': { id: '/subscriptions/x/resourceGroups/y' },
  'guid()': 'a guid',
};

/** The alert rules, made of the template as Bicep makes them. */
export function deployedRules(project: Project): readonly Rule[] {
  const file = project.get('modules/alerts.bicep');
  const resource = file?.resources.find(({ name }) => name === 'alerts');
  const criteria = propertyOf(resource?.value, 'properties', 'criteria', 'allOf');
  const condition = criteria?.kind === 'array' ? criteria.items[0] : undefined;
  const query = propertyOf(condition, 'query');
  if (!file || !query) throw new Error('The template of alerts has no question.');
  const rules = variableOf(file, 'rules', parametersOf(file, {}, FILES)) as unknown as readonly (Rule &
    Values)[];
  return rules.map((rule) => {
    const names = new Map([...parametersOf(file, {}, FILES), ['rule', rule] as const]);
    return { ...rule, query: String(evaluate(file, query, names)) };
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
