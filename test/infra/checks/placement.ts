import type { BicepFile, Resource } from '../bicep/ast.ts';
import { literalText } from '../bicep/expressions.ts';
import type { Facts } from '../facts/types.ts';
import { finding, type Project, templatesOf } from '../project.ts';
import { factKey } from './resource-bodies.ts';
import { bodyOf, propertyOf } from './walk.ts';

/** Types that are put on another resource: without a scope they would be on the whole resource group, or on nothing. */
const EXTENSIONS = /\/(diagnosticSettings|locks|roleAssignments)$/i;
/** What says which resource of its type it is. */
const NAMES = ['name', 'uniqueName', 'appId', 'appRoleId', 'clientId'];

/** Every resource says what it is called, of what it is a part, what it is on, and where in the world it is. */
export function checkPlacement(project: Project, facts: Facts): readonly string[] {
  return templatesOf(project).flatMap((file) =>
    file.resources.flatMap((resource) =>
      faultsOf(file, resource, facts).map((text) => finding(file, resource.at, `${resource.name} ${text}`)),
    ),
  );
}

function faultsOf(file: BicepFile, resource: Resource, facts: Facts): string[] {
  const body = bodyOf(resource.value);
  const has = (name: string): boolean => propertyOf(body, name) !== undefined;
  const key = factKey(facts, resource);
  const props = (key && facts.types[facts.resources[key]?.body ?? '']?.props) || {};
  const located = props.location !== undefined && !resource.isExisting;
  return [
    ...(NAMES.some(has) ? [] : ['has no name']),
    ...(isWhole(file, resource) ? [] : ['is a part of nothing: parent is missing']),
    ...(EXTENSIONS.test(resource.type) && !has('scope') ? ['is on nothing: scope is missing'] : []),
    ...(located && !has('location') ? ['has no location'] : []),
  ];
}

/** A part has a parent, or its whole has a name in its own. */
function isWhole({ text }: BicepFile, { type, value }: Resource): boolean {
  const body = bodyOf(value);
  const parts = type.split('/').length - 2;
  if (parts < 1 || propertyOf(body, 'parent')) return true;
  const name = propertyOf(body, 'name');
  const written = name && (literalText(name) ?? text.slice(name.at).split('\n')[0]);
  return (written?.split('/').length ?? 0) - 1 === parts;
}
