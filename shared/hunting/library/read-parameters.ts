import { isMap, isScalar, isSeq } from 'yaml';
import { closestTo } from '../../text.ts';
import { declarationFaults } from '../parameters/bind.ts';
import type { ParameterDeclaration, ScalarType } from '../query.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';
import { booleanOf, type Field, type Fields, fieldsOf, illTyped } from './yaml-fields.ts';
import { plainValue, scalarText } from './yaml-values.ts';

/** Name of a `let` statement that needs no brackets. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const MOST_PARAMETERS = 50;
const KNOWN = [
  'type',
  'list',
  'description',
  'default',
  'required',
  'allowed',
  'pattern',
  'min',
  'max',
] as const;
const TYPES: Readonly<Record<string, ScalarType>> = {
  string: 'string',
  int: 'int',
  long: 'long',
  real: 'real',
  decimal: 'decimal',
  bool: 'bool',
  datetime: 'datetime',
  timespan: 'timespan',
  guid: 'guid',
  // KQL's own other names (learn: kusto/query/scalar-data-types).
  double: 'real',
  boolean: 'bool',
  date: 'datetime',
  time: 'timespan',
  uuid: 'guid',
  uniqueid: 'guid',
};

type Parts = Partial<Record<(typeof KNOWN)[number], Field>>;

/**
 * The parameters of a query: a map of name to declaration, or to a default alone, whose type is then what it looks
 * like. Declarations that contradict themselves are errors.
 */
export function readParameters(fields: Fields, sink: ProblemSink): readonly ParameterDeclaration[] {
  const field = fields.take('parameters');
  if (!field) return [];
  if (!isMap(field.node)) {
    illTyped(sink, field, 'a map of parameter names');
    return [];
  }
  const declared = fieldsOf(field.node);
  if (declared.length > MOST_PARAMETERS) {
    sink.error(PROBLEM.parameter, field.offset, `There are more than ${MOST_PARAMETERS} parameters.`);
    return [];
  }
  return declared.flatMap((parameter) => readParameter(parameter, sink) ?? []);
}

function readParameter(parameter: Field, sink: ProblemSink): ParameterDeclaration | undefined {
  const before = sink.errors();
  if (!NAME.test(parameter.key)) {
    const form = 'letters, digits and _, not beginning with a digit, at most 64';
    sink.error(PROBLEM.parameter, parameter.keyOffset, `"${parameter.key}" is no parameter name: ${form}.`);
  }
  const declaration = isMap(parameter.node) ? declared(parameter, sink) : defaultAlone(parameter, sink);
  if (!declaration || sink.errors() > before) return undefined;
  const parts: Parts = isMap(parameter.node) ? partsOf(parameter, sink) : {};
  for (const { part, fault } of declarationFaults(declaration)) {
    const { offset } = parts[part] ?? parameter;
    sink.error(PROBLEM.parameter, offset, `Parameter ${parameter.key}: ${fault}.`);
  }
  return sink.errors() === before ? declaration : undefined;
}

function declared(parameter: Field, sink: ProblemSink): ParameterDeclaration | undefined {
  const parts = partsOf(parameter, sink);
  const type = typeOf(parts.type, parameter, sink);
  const list = flag(parts.list, sink);
  const required = flag(parts.required, sink);
  if (required && parts.default) {
    sink.error(PROBLEM.parameter, parts.default.offset, 'A required parameter cannot have a default.');
  }
  if (parts.allowed && !isSeq(parts.allowed.node)) illTyped(sink, parts.allowed, 'a list of values');
  if (parts.pattern && type !== undefined && type !== 'string') {
    sink.error(PROBLEM.parameter, parts.pattern.offset, 'Only a string can have a pattern.');
  }
  if (type === undefined) return undefined;
  const allowed = parts.allowed && plainValue(parts.allowed.node);
  return {
    name: parameter.key,
    type,
    list,
    required,
    ...textPart(parts.description, 'description', sink),
    ...textPart(parts.pattern, 'pattern', sink),
    ...(parts.default && { default: plainValue(parts.default.node) }),
    ...(Array.isArray(allowed) && { allowed }),
    ...(parts.min && { min: plainValue(parts.min.node) }),
    ...(parts.max && { max: plainValue(parts.max.node) }),
  };
}

function partsOf(parameter: Field, sink: ProblemSink): Parts {
  const parts: Parts = {};
  if (!isMap(parameter.node)) return parts;
  for (const part of fieldsOf(parameter.node)) {
    const name = KNOWN.find((known) => known === part.key);
    if (name !== undefined) {
      parts[name] = part;
      continue;
    }
    // Not kept: a limit that is misspelt would be one that does not hold.
    const meant = closestTo(part.key, KNOWN);
    const hint = meant === undefined ? `Known are ${KNOWN.join(', ')}.` : `Did you mean "${meant}"?`;
    sink.error(PROBLEM.parameter, part.keyOffset, `"${part.key}" is not part of a parameter. ${hint}`);
  }
  return parts;
}

function typeOf(field: Field | undefined, parameter: Field, sink: ProblemSink): ScalarType | undefined {
  const types = [...new Set(Object.values(TYPES))].join(', ');
  if (!field) {
    sink.error(
      PROBLEM.parameter,
      parameter.offset,
      `Parameter ${parameter.key} has no type: one of ${types}.`,
    );
    return undefined;
  }
  const word = scalarText(field.node) ?? '';
  const type = Object.hasOwn(TYPES, word.toLowerCase()) ? TYPES[word.toLowerCase()] : undefined;
  if (type === undefined) {
    const hint =
      word.toLowerCase() === 'dynamic' ? ' For a list give the type of its values and list: true.' : '';
    sink.error(
      PROBLEM.parameter,
      field.offset,
      `"${word}" is no type of a parameter: one of ${types}.${hint}`,
    );
  }
  return type;
}

/** The short form: `Days: 7`. */
function defaultAlone(parameter: Field, sink: ProblemSink): ParameterDeclaration | undefined {
  const value = plainValue(parameter.node);
  const types = new Set((Array.isArray(value) ? value : [value]).map(typeOfValue));
  const [type] = types;
  if (types.size === 1 && type !== undefined) {
    return { name: parameter.key, type, list: Array.isArray(value), required: false, default: value };
  }
  illTyped(sink, parameter, 'a map with a type, or a default value alone (in a list: all of one type)');
  return undefined;
}

function typeOfValue(value: unknown): ScalarType | undefined {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value !== 'number') return undefined;
  return Number.isInteger(value) ? 'long' : 'real';
}

function flag(field: Field | undefined, sink: ProblemSink): boolean {
  if (!field) return false;
  const value = booleanOf(field.node);
  if (value === undefined) illTyped(sink, field, 'true or false');
  return value ?? false;
}

function textPart<Name extends 'description' | 'pattern'>(
  field: Field | undefined,
  name: Name,
  sink: ProblemSink,
): { readonly [Key in Name]?: string } {
  if (!field) return {};
  const text = isScalar(field.node) ? scalarText(field.node) : undefined;
  if (text === undefined) illTyped(sink, field, 'a text');
  return text === undefined ? {} : ({ [name]: text } as { readonly [Key in Name]: string });
}
