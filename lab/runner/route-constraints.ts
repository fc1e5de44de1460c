import { RunnerError } from './runner-error.ts';

/** Whether a route value is acceptable. */
export type RouteConstraint = (value: string) => boolean;

const GUID = /^[{(]?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}[)}]?$/i;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

const PLAIN: Readonly<Record<string, RouteConstraint>> = {
  alpha: (value) => /^[a-z]*$/i.test(value),
  bool: (value) => /^(true|false)$/i.test(value),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  decimal: (value) => /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(value),
  double: (value) => NUMBER.test(value),
  float: (value) => NUMBER.test(value),
  guid: (value) => GUID.test(value),
  int: (value) => isInteger(value, -2_147_483_648n, 2_147_483_647n),
  long: (value) => isInteger(value, -9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n),
  required: (value) => value !== '',
};

const WITH_ARGUMENTS: Readonly<Record<string, (argumentText: string) => RouteConstraint>> = {
  length: (text) => {
    const [from = 0, to = from] = numbers(text);
    return (value) => value.length >= from && value.length <= to;
  },
  max: (text) => atMost(numbers(text)[0]),
  maxlength: (text) => (value) => value.length <= Number(text),
  min: (text) => atLeast(numbers(text)[0]),
  minlength: (text) => (value) => value.length >= Number(text),
  range: (text) => {
    const [from, to] = numbers(text);
    return (value) => atLeast(from)(value) && atMost(to)(value);
  },
  regex: (text) => {
    const expression = new RegExp(text, 'i');
    return (value) => expression.test(value);
  },
};

/**
 * The constraint that `{name:constraint}` names, such as `int`, `guid` or `range(1,5)`.
 * https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints
 *
 * @throws RunnerError when ASP.NET Core has no such constraint.
 */
export function routeConstraint(text: string): RouteConstraint {
  const [, name = '', argumentText] = /^([^(]+)(?:\((.*)\))?$/.exec(text) ?? [];
  const key = name.toLowerCase();
  const constraint = argumentText === undefined ? PLAIN[key] : WITH_ARGUMENTS[key]?.(argumentText);
  if (constraint === undefined)
    throw new RunnerError(`its route has the constraint "${text}", which does not exist`);
  return constraint;
}

function isInteger(value: string, min: bigint, max: bigint): boolean {
  return (
    /^[+-]?\d{1,19}$/.test(value) &&
    BigInt(value.replace('+', '')) >= min &&
    BigInt(value.replace('+', '')) <= max
  );
}

function numbers(text: string): readonly number[] {
  return text.split(',').map(Number);
}

function atLeast(min: number | undefined): RouteConstraint {
  return (value) => /^[+-]?\d+$/.test(value) && Number(value) >= (min ?? Number.NEGATIVE_INFINITY);
}

function atMost(max: number | undefined): RouteConstraint {
  return (value) => /^[+-]?\d+$/.test(value) && Number(value) <= (max ?? Number.POSITIVE_INFINITY);
}
