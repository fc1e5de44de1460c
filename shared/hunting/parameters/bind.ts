import { RE2JS } from 're2js';
import { OutriderError } from '../../errors.ts';
import type { ParameterDeclaration, ScalarType } from '../query.ts';
import { listLiteralOf, literalOf, nullLiteral } from './literal.ts';
import { ValueFault } from './value.ts';

/** Longest text of one value, in UTF-16 units, and most values of a list. */
const VALUE_LIMITS = { text: 64 * 1024, list: 10_000 } as const;

/**
 * The `let` statements that give a query its parameters, one line each, to be put in front of its text; empty when
 * it has none. Declared parameters that were not given take their default, or a null of their type.
 *
 * @param values by parameter name: JSON values, or texts in the type's form (from a command line)
 * @throws OutriderError `hunt.parameter_invalid` naming every parameter that is unknown, missing or ill-typed
 */
export function bindParameters(
  declarations: readonly ParameterDeclaration[],
  values: Readonly<Record<string, unknown>>,
): string {
  const faults = unknownNames(declarations, values);
  const lines = declarations.map((declaration) => {
    const value = Object.hasOwn(values, declaration.name) ? values[declaration.name] : undefined;
    try {
      return `let ${declaration.name} = ${boundLiteral(declaration, value)};\n`;
    } catch (error) {
      faults.push(faultOf(declaration, error));
      return '';
    }
  });
  if (faults.length === 0) return lines.join('');
  throw new OutriderError(
    'hunt.parameter_invalid',
    `The parameters of this hunt cannot be used: ${faults.join('; ')}.`,
    { details: faults },
  );
}

/** A part of a declaration that cannot be as it is, and why: the rest of a sentence. */
export interface DeclarationFault {
  readonly part: 'pattern' | 'min' | 'max' | 'allowed' | 'default';
  readonly fault: string;
}

/** What is wrong with a declaration itself: its pattern, its range, or values of its own that it does not allow. */
export function declarationFaults(declaration: ParameterDeclaration): readonly DeclarationFault[] {
  const { type, allowed = [], min, max } = declaration;
  const checks: readonly (readonly [DeclarationFault['part'], string, () => unknown])[] = [
    ['pattern', 'pattern', () => compiled(declaration.pattern)],
    ['min', 'lowest value', () => min !== undefined && orderOf(type, min)],
    ['max', 'highest value', () => max !== undefined && orderOf(type, max)],
    ...allowed.map(
      (value) =>
        [
          'allowed',
          'allowed value',
          () => allowedValue({ ...declaration, allowed: undefined })(value),
        ] as const,
    ),
    [
      'default',
      'default',
      () => declaration.default !== undefined && boundLiteral(declaration, declaration.default),
    ],
  ];
  return checks.flatMap(([part, what, check]) => {
    try {
      check();
      return [];
    } catch (error) {
      return [{ part, fault: `its ${what} ${reasonOf(error)}` }];
    }
  });
}

function unknownNames(
  declarations: readonly ParameterDeclaration[],
  values: Readonly<Record<string, unknown>>,
): string[] {
  const known = new Set(declarations.map(({ name }) => name));
  const names = [...known].join(', ') || 'none';
  return Object.keys(values)
    .filter((name) => !known.has(name))
    .map((name) => `"${name.slice(0, 60)}" is not one of its parameters (${names})`);
}

function boundLiteral(declaration: ParameterDeclaration, given: unknown): string {
  const value = given ?? declaration.default;
  if (value === undefined || value === null) {
    if (declaration.required) throw new ValueFault('is required');
    return nullLiteral(declaration.type, declaration.list);
  }
  const allowed = allowedValue(declaration);
  if (!declaration.list) return literalOf(declaration.type, allowed(value)).kql;
  if (!Array.isArray(value)) throw new ValueFault('is no list');
  if (value.length > VALUE_LIMITS.list) throw new ValueFault(`has more than ${VALUE_LIMITS.list} values`);
  return listLiteralOf(declaration.type, value.map(allowed));
}

/** Gives a value back as it is, if the rules of its declaration allow it. */
function allowedValue({
  type,
  allowed,
  pattern,
  min,
  max,
}: ParameterDeclaration): (value: unknown) => unknown {
  const regex = compiled(pattern);
  const allowedLiterals = allowed?.map((one) => literalOf(type, one).kql);
  const lowest = min === undefined ? undefined : orderOf(type, min);
  const highest = max === undefined ? undefined : orderOf(type, max);
  return (value) => {
    if (typeof value === 'string' && value.length > VALUE_LIMITS.text) {
      throw new ValueFault(`is longer than ${VALUE_LIMITS.text} characters`);
    }
    const { kql } = literalOf(type, value);
    if (allowedLiterals && !allowedLiterals.includes(kql)) {
      throw new ValueFault(`must be one of ${allowed?.join(', ')}`);
    }
    if (regex && !(typeof value === 'string' && regex.matches(value))) {
      throw new ValueFault(`must match the pattern ${pattern}`);
    }
    if (lowest !== undefined && orderOf(type, value) < lowest)
      throw new ValueFault(`must be at least ${min}`);
    if (highest !== undefined && orderOf(type, value) > highest)
      throw new ValueFault(`must be at most ${max}`);
    return value;
  };
}

function orderOf(type: ScalarType, value: unknown): bigint | number {
  const { order } = literalOf(type, value);
  if (order === undefined) throw new ValueFault('has no order, so it cannot have a range');
  return order;
}

/** RE2, as in KQL itself: time linear in the value, whatever the pattern. */
function compiled(pattern: string | undefined): RE2JS | undefined {
  if (pattern === undefined) return undefined;
  try {
    return RE2JS.compile(pattern);
  } catch {
    throw new ValueFault('is no regular expression of RE2');
  }
}

function faultOf({ name, type, list }: ParameterDeclaration, error: unknown): string {
  return `"${name}" (${list ? `list of ${type}` : type}) ${reasonOf(error)}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof ValueFault) return error.message;
  throw error;
}
