import type { BicepFile, Expr, Resource } from '../bicep/ast.ts';
import { literalText } from '../bicep/expressions.ts';
import type { Facts } from '../facts/types.ts';
import { finding, type Project, templatesOf } from '../project.ts';
import { typeNames, typesMentioned } from './references.ts';
import { factKey } from './resource-bodies.ts';
import { bodyOf, expressionsIn, propertyOf, within } from './walk.ts';

/** What is a secret by its name; a name of one (`secretName`) is none. */
const SECRET = /(secret|password|accountKey|sharedKey|apiKey|connectionString|sasToken)$/i;
/** Azure's own roles that may be given, by id. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const ROLES: Readonly<Record<string, string>> = {
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
};

/** Parameters, outputs, what is exported, types and their properties say what they are for. */
export function checkDescriptions(project: Project): readonly string[] {
  return templatesOf(project).flatMap((file) => {
    const exported = [...file.variables, ...file.funcs].filter(({ decorators }) => decorators.has('export'));
    const properties = file.types.flatMap(({ at, name, type }) =>
      type.kind !== 'object'
        ? []
        : [...type.props].map(([key, { decorators }]) => ({ at, name: `${name}.${key}`, decorators })),
    );
    return [...file.params, ...file.outputs, ...exported, ...file.types, ...properties]
      .filter(({ decorators }) => {
        const [text] = decorators.get('description') ?? [];
        return !text || (literalText(text) ?? '').length < 4;
      })
      .map(({ at, name }) => finding(file, at, `${name} has no description`));
  });
}

/** Nothing that takes whatever it is given: `object`, `array`, `any`. */
export function checkTypes(project: Project): readonly string[] {
  return templatesOf(project).flatMap((file) =>
    typesMentioned(file).flatMap(({ at, type }) =>
      typeNames(type)
        .filter((name) => /^(object|array|any)$/.test(name))
        .map((name) => finding(file, at, `the type ${name} takes anything`)),
    ),
  );
}

/** A parameter that holds a secret is secure; no output shows one, and nothing asks Azure for a key. */
export function checkSecrets(project: Project): readonly string[] {
  return templatesOf(project).flatMap((file) => {
    const secure = file.params.filter(({ decorators }) => decorators.has('secure')).map(({ name }) => name);
    const open = file.params.filter(({ name, decorators }) => SECRET.test(name) && !decorators.has('secure'));
    const shown = file.outputs.filter(({ name, value }) =>
      [...within(value)].some((expr) => {
        if (expr.kind === 'name') return secure.includes(expr.name);
        return SECRET.test(name) || (expr.kind === 'member' && SECRET.test(expr.property));
      }),
    );
    const asked = expressionsIn(file).flatMap((root) =>
      [...within(root)].filter(
        (expr) =>
          (expr.kind === 'call' && /(^|\.)(list[A-Z]|getSecret)/.test(expr.name)) ||
          (expr.kind === 'member' && /(^|\.)(list[A-Z]|getSecret)/.test(expr.property)),
      ),
    );
    return [
      ...open.map(({ at, name }) => finding(file, at, `${name} is a secret: @secure() is missing`)),
      ...shown.map(({ at, name }) => finding(file, at, `the output ${name} shows a secret`)),
      ...asked.map(({ at }) => finding(file, at, 'asks Azure for a key')),
    ];
  });
}

/** A preview version has its reason in a comment of the same file, above it. */
export function checkPreviews(project: Project): readonly string[] {
  return templatesOf(project).flatMap((file) =>
    file.resources
      .filter(
        ({ version, at }) =>
          /preview|beta/.test(version) && !/^\/\/ .*preview version/im.test(file.text.slice(0, at)),
      )
      .map(({ at, type, version }) =>
        finding(file, at, `${type}@${version} is a preview, and no comment says why`),
      ),
  );
}

/** Every resource whose published type has tags gives them. */
export function checkTags(project: Project, facts: Facts): readonly string[] {
  return templatesOf(project).flatMap((file) =>
    file.resources
      .filter((resource) => {
        const key = factKey(facts, resource);
        const body = key && facts.types[facts.resources[key]?.body ?? ''];
        // Entra ID's tags are others, with meanings of their own.
        const canHave =
          body && body.props?.tags !== undefined && !resource.type.startsWith('Microsoft.Graph/');
        return canHave && !resource.isExisting && !propertyOf(bodyOf(resource.value), 'tags');
      })
      .map(({ at, name }) => finding(file, at, `${name} has no tags`)),
  );
}

/** Roles in Azure: known ones, each on one resource, none on a resource group or a subscription. */
export function checkRoles(project: Project): readonly string[] {
  return templatesOf(project).flatMap((file) => [
    ...file.resources
      .filter(({ type, isExisting }) => /roleAssignments$/i.test(type) && !isExisting)
      .flatMap((one) => wrongRole(file, one)),
    ...file.resources
      .filter(({ type }) => /roleDefinitions$/i.test(type))
      .map(({ at }) => finding(file, at, 'a role of our own')),
  ]);
}

function wrongRole(file: BicepFile, { at, value }: Resource): string[] {
  const body = bodyOf(value);
  const scope = propertyOf(body, 'scope');
  const target = scope?.kind === 'name' ? file.resources.find(({ name }) => name === scope.name) : undefined;
  const isNarrow = target !== undefined && !/resourceGroups$|subscriptions$/i.test(target.type);
  const definition = propertyOf(body, 'properties', 'roleDefinitionId');
  const isDefinition =
    definition?.kind === 'call' &&
    definition.name === 'subscriptionResourceId' &&
    constantOf(file, definition.args[0]) === 'Microsoft.Authorization/roleDefinitions';
  const id = isDefinition ? constantOf(file, definition.args.at(-1)) : undefined;
  const kind = propertyOf(body, 'properties', 'principalType');
  const name = propertyOf(body, 'name');
  return [
    ...(isNarrow ? [] : [finding(file, at, 'a role that is not on one resource')]),
    ...(id !== undefined && id in ROLES
      ? []
      : [finding(file, at, `the role ${id} is not one that may be given`)]),
    ...(kind && literalText(kind) === 'ServicePrincipal'
      ? []
      : [finding(file, at, 'principalType is not ServicePrincipal: a new identity is not found')]),
    ...(isNameOf(file, name, { scope, id })
      ? []
      : [finding(file, at, 'a role whose name is not made of resource, principal and role')]),
  ];
}

/** Of these three, and so the same on a second run, and no other's. */
function isNameOf(
  file: BicepFile,
  name: Expr | undefined,
  { scope, id }: { readonly scope: Expr | undefined; readonly id: string | undefined },
): boolean {
  if (name?.kind !== 'call' || name.name !== 'guid' || name.args.length !== 3) return false;
  const [resource, principal, role] = name.args;
  const isResource =
    resource?.kind === 'member' &&
    resource.property === 'id' &&
    resource.of.kind === 'name' &&
    scope?.kind === 'name' &&
    resource.of.name === scope.name;
  return (
    isResource &&
    principal?.kind === 'name' &&
    principal.name === 'principalId' &&
    constantOf(file, role) === id
  );
}

/** The text that an expression stands for: a literal, a variable, or an entry of a variable that is a table. */
function constantOf(file: BicepFile, expr: Expr | undefined): string | undefined {
  const written = expr && writtenOut(file, expr);
  return written && literalText(written);
}

function writtenOut(file: BicepFile, expr: Expr): Expr | undefined {
  if (expr.kind === 'name') return file.variables.find(({ name }) => name === expr.name)?.value;
  if (expr.kind !== 'member') return expr;
  const table = writtenOut(file, expr.of);
  return table && propertyOf(table, expr.property);
}
