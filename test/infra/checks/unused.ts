import type { BicepFile } from '../bicep/ast.ts';
import { fileAt, finding, type Project, templatesOf } from '../project.ts';
import { typeNames, typesMentioned } from './references.ts';
import { expressionsIn, within } from './walk.ts';

/** Parameters, variables, imports, functions, types, existing resources, exports and modules' outputs that nothing uses. */
export function checkUnused(project: Project): readonly string[] {
  return [...unusedInside(project), ...unusedByOthers(project)];
}

function unusedInside(project: Project): string[] {
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

/** What a file hands to others: a template's own outputs are for people, a module's for whoever calls it. */
function unusedByOthers(project: Project): string[] {
  const files = [...project.values()];
  const taken = (of: BicepFile): ReadonlySet<string> =>
    new Set(
      files.flatMap((file) => [
        ...file.imports
          .filter(({ path }) => fileAt(project, file, path) === of)
          .flatMap(({ names }) => names.map(({ name }) => name)),
        ...outputsRead(project, file, of),
      ]),
    );
  return templatesOf(project).flatMap((file) => {
    const isModule = files.some((other) =>
      other.modules.some(({ path }) => fileAt(project, other, path) === file),
    );
    const [used, own] = [taken(file), usedIn(file)];
    const exported = [...file.variables, ...file.funcs, ...file.types].filter(({ decorators }) =>
      decorators.has('export'),
    );
    return [
      ...exported
        .filter(({ name }) => !used.has(name) && !own.has(name))
        .map(({ at, name }) => finding(file, at, `${name} is exported for nobody`)),
      ...(isModule ? file.outputs : [])
        .filter(({ name }) => !used.has(name))
        .map(({ at, name }) => finding(file, at, `the output ${name} is read by nobody`)),
    ];
  });
}

/** `module.outputs.x`, also of one of several, where the module is the file that is meant. */
function outputsRead(project: Project, file: BicepFile, of: BicepFile): string[] {
  const symbols = new Set(
    file.modules.filter(({ path }) => fileAt(project, file, path) === of).map(({ name }) => name),
  );
  if (symbols.size === 0) return [];
  return expressionsIn(file).flatMap((root) =>
    [...within(root)].flatMap((expr) => {
      if (expr.kind !== 'member' || expr.of.kind !== 'member' || expr.of.property !== 'outputs') return [];
      const module = expr.of.of.kind === 'index' ? expr.of.of.of : expr.of.of;
      const name = module.kind === 'group' ? module.inner.at(-1) : module;
      return name?.kind === 'name' && symbols.has(name.name) ? [expr.property] : [];
    }),
  );
}
