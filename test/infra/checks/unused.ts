import type { BicepFile } from '../bicep/ast.ts';
import { finding, type Project, templatesOf } from '../project.ts';
import { typeNames, typesMentioned } from './references.ts';
import { expressionsIn, within } from './walk.ts';

/** Parameters, variables, imports, functions, types and existing resources that nothing uses. */
export function checkUnused(project: Project): readonly string[] {
  return templatesOf(project).flatMap((file) => {
    const used = usedIn(file);
    const own = (declared: { readonly decorators: ReadonlyMap<string, unknown> }): boolean =>
      !declared.decorators.has('export');
    const candidates = [
      ...file.params,
      ...[...file.variables, ...file.funcs, ...file.types].filter(own),
      ...file.resources.filter(({ isExisting }) => isExisting),
      ...file.imports.flatMap(({ at, names }) => names.map(({ as }) => ({ at, name: as }))),
    ];
    return candidates
      .filter(({ name }) => !used.has(name))
      .map(({ at, name }) => finding(file, at, `${name} is not used`));
  });
}

function usedIn(file: BicepFile): ReadonlySet<string> {
  const names = expressionsIn(file).flatMap((root) =>
    [...within(root)].flatMap((expr) => (expr.kind === 'name' || expr.kind === 'call' ? [expr.name] : [])),
  );
  return new Set([...names, ...typesMentioned(file).flatMap(({ type }) => typeNames(type))]);
}
