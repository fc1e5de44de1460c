import type { BicepFile, Entry, Expr } from '../bicep/ast.ts';
import { fileAt, finding, type Project, templatesOf } from '../project.ts';
import { mismatches } from './typed-values.ts';
import { bodyOf, expressionsIn, propertyOf, within } from './walk.ts';

/** Every call of a module, and every parameter file, against the parameters that are asked for. */
export function checkModuleCalls(project: Project): readonly string[] {
  return [
    ...templatesOf(project).flatMap((file) => [...callsIn(project, file), ...outputsUsed(project, file)]),
    ...[...project.values()].flatMap((file) => parametersOf(project, file)),
  ];
}

function callsIn(project: Project, file: BicepFile): string[] {
  return file.modules.flatMap(({ at, name, path, value }) => {
    const target = fileAt(project, file, path);
    if (!target) return [finding(file, at, `${path} does not exist`)];
    const params = propertyOf(value, 'params');
    const given = params?.kind === 'object' ? params.entries : [];
    const body = bodyOf(value);
    const known = new Set(['name', 'scope', 'params', 'dependsOn']);
    const unknown =
      body.kind === 'object' ? body.entries.filter(({ key }) => key !== undefined && !known.has(key)) : [];
    const lost = target.scope !== file.scope && propertyOf(value, 'scope') === undefined;
    return [
      ...unknown.map((entry) => finding(file, entry.at, `a module has no ${entry.key}`)),
      ...(lost ? [finding(file, at, `${name} is for a ${target.scope}: scope is missing`)] : []),
      ...givenTo(project, file, { target, given, at }),
    ];
  });
}

interface Call {
  readonly target: BicepFile;
  readonly given: readonly Entry[];
  readonly at: number;
}

function givenTo(project: Project, file: BicepFile, { target, given, at }: Call): string[] {
  const faults = given.flatMap((entry) => {
    const param = target.params.find(({ name }) => name === entry.key);
    if (!param) return [finding(file, entry.at, `${target.path} has no parameter ${entry.key}`)];
    return mismatches(project, file, entry.value, { type: param.type, file: target }).map((text) =>
      finding(file, entry.at, `${entry.key}: ${text}`),
    );
  });
  const missing = target.params.filter(
    ({ name, type, value }) => !value && type.kind !== 'optional' && !given.some(({ key }) => key === name),
  );
  const defaults = target.params.flatMap(({ value, type, name }) =>
    value
      ? mismatches(project, target, value, { type, file: target }).map((text) =>
          finding(target, value.at, `${name}: ${text}`),
        )
      : [],
  );
  return [
    ...faults,
    ...missing.map(({ name }) => finding(file, at, `${target.path} needs the parameter ${name}`)),
    ...defaults,
  ];
}

function parametersOf(project: Project, file: BicepFile): string[] {
  if (file.using === undefined) return [];
  const target = fileAt(project, file, file.using);
  if (!target) return [finding(file, 0, `${file.using} does not exist`)];
  const given = file.variables.map(({ at, name, value }) => ({ at, key: name, value }));
  return givenTo(project, file, { target, given, at: 0 });
}

/** `module.outputs.x`, also of one of several: the module must have that output. */
function outputsUsed(project: Project, file: BicepFile): string[] {
  return expressionsIn(file).flatMap((root) =>
    [...within(root)].flatMap((expr) => wrongOutput(project, file, expr)),
  );
}

function wrongOutput(project: Project, file: BicepFile, expr: Expr): string[] {
  if (expr.kind !== 'member' || expr.of.kind !== 'member' || expr.of.property !== 'outputs') return [];
  const root = expr.of.of.kind === 'index' ? expr.of.of.of : expr.of.of;
  const module = root.kind === 'name' ? file.modules.find(({ name }) => name === root.name) : undefined;
  const target = module && fileAt(project, file, module.path);
  if (!target || target.outputs.some(({ name }) => name === expr.property)) return [];
  return [finding(file, expr.at, `${target.path} has no output ${expr.property}`)];
}
