import type { BicepFile, Expr } from '../bicep/ast.ts';
import { propertyOf } from '../checks/walk.ts';
import { evaluate, parametersOf, type Value, type Values } from '../evaluate.ts';
import { type Project, templatesOf } from '../project.ts';

/** A row of the baseline: what holds, and changes after which it must not. */
export interface Row {
  readonly row: string;
  readonly holds: (from: Project) => boolean;
  readonly spoil: readonly (readonly [path: string, from: string, to: string])[];
}

export const all = (from: Project, type: RegExp): { file: BicepFile; value: Expr }[] =>
  templatesOf(from).flatMap((file) =>
    file.resources
      .filter((resource) => type.test(resource.type) && !resource.isExisting)
      .map(({ value }) => ({ file, value })),
  );
/** Does every resource of a type have this value there? At least one must exist. */
export const every = (
  from: Project,
  type: RegExp,
  path: string,
  wanted: Value,
  given: Values = {},
): boolean => {
  const found = all(from, type);
  return (
    found.length > 0 &&
    found.every(({ file, value }) => {
      const property = propertyOf(value, ...path.split('.'));
      return property !== undefined && evaluate(file, property, parametersOf(file, given)) === wanted;
    })
  );
};
export const STORAGE = /^Microsoft.Storage\/storageAccounts$/;
export const VAULT = /^Microsoft.KeyVault\/vaults$/;
export const SITE = /^Microsoft.Web\/sites$/;
export const INSIGHTS = /^Microsoft.Insights\/components$/;
export const WORKSPACE = /^Microsoft.OperationalInsights\/workspaces$/;

/** What must have a diagnostic setting, by symbol; blobs, queues and tables are the account's services. */
export const DIAGNOSED: Readonly<Record<string, readonly string[]>> = {
  'modules/monitoring.bicep': ['workspace'],
  'modules/storage.bicep': ['account', 'blobs', 'queues', 'tables'],
  'modules/keyvault.bicep': ['vault', 'topic'],
  'modules/function.bicep': ['site'],
  'modules/network.bicep': ['network'],
  'modules/logicapp.bicep': ['workflow'],
};

export function diagnosed(file: BicepFile | undefined): string[] {
  return (file?.resources ?? []).flatMap(({ type, value }) => {
    const scope = /diagnosticSettings$/.test(type) ? propertyOf(value, 'scope') : undefined;
    return scope?.kind === 'name' ? [scope.name] : [];
  });
}

export const hasMember = (
  from: Project,
  path: string,
  resource: string,
  property: string,
  name: string,
): boolean => {
  const file = from.get(path);
  const value = propertyOf(
    file?.resources.find((one) => one.name === resource)?.value,
    ...property.split('.'),
  );
  return value?.kind === 'name' && value.name === name;
};

export function hasEndpoint(from: Project, name: string): boolean {
  const module = from.get('main.bicep')?.modules.find((one) => one.name === name);
  const parts = JSON.stringify(module?.value ?? '');
  return (
    module !== undefined &&
    (name !== 'storageEndpoints' || ['blob', 'queue', 'table'].every((part) => parts.includes(`"${part}"`)))
  );
}
