import type { TimeValue } from '../binding.ts';
import { parseTime, TICKS_PER_MS } from '../ticks.ts';
import { childrenOf, type Kusto, type KustoNode } from './language.ts';

/** The names that `let` gives, with what they stand for. */
export type Names = ReadonlyMap<string, KustoNode>;

export interface TimeReader {
  /** The moment that an expression always means, as far as the lab can tell. */
  time(node: KustoNode): TimeValue | undefined;
}

const SECOND = 1_000;
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^d(ays?)?$/, 86_400 * SECOND],
  [/^(h|hrs?|hours?)$/, 3_600 * SECOND],
  [/^(m|minutes?)$/, 60 * SECOND],
  [/^(s|sec|seconds?)$/, SECOND],
  [/^(ms|millis(econds?)?|milliseconds?)$/, 1],
];

/** Reads constant moments: literals, `now()`, `ago()`, sums, differences and names of these. */
export function createTimeReader(kusto: Kusto, names: Names): TimeReader {
  const kindOf = kusto.kindOf;

  function time(node: KustoNode, depth = 0): TimeValue | undefined {
    if (depth > 20) return undefined;
    switch (kindOf(node)) {
      case 'DateTimeLiteralExpression':
        return fixed(parseTime(insideOf(tokenText(node))));
      case 'ParenthesizedExpression':
        return inner(node, (child) => time(child, depth + 1));
      case 'NameReference': {
        const meant = names.get(tokenText(node));
        return meant && time(meant, depth + 1);
      }
      case 'FunctionCallExpression':
        return called(node, depth);
      case 'AddExpression':
      case 'SubtractExpression': {
        const [left, , right] = childrenOf(node);
        const of = left && time(left, depth + 1);
        const by = right && span(right, depth + 1);
        if (of === undefined || by === undefined) return undefined;
        return { kind: 'shift', of, by: kindOf(node) === 'AddExpression' ? by : -by };
      }
      default:
        return undefined;
    }
  }

  function called(node: KustoNode, depth: number): TimeValue | undefined {
    const [name, list] = childrenOf(node);
    if (name === undefined || list === undefined) return undefined;
    const [argument] = argumentsOf(list);
    switch (tokenText(name)) {
      case 'now': {
        const by = argument === undefined ? 0n : span(argument, depth + 1);
        return by === undefined ? undefined : { kind: 'shift', of: { kind: 'now' }, by };
      }
      case 'ago': {
        const by = argument && span(argument, depth + 1);
        return by === undefined ? undefined : { kind: 'shift', of: { kind: 'now' }, by: -by };
      }
      case 'startofday': {
        const of = argument && time(argument, depth + 1);
        return of && { kind: 'startOfDay', of };
      }
      case 'todatetime':
        return argument && kindOf(argument) === 'StringLiteralExpression'
          ? fixed(parseTime(String(argument.ConstantValue)))
          : undefined;
      default:
        return undefined;
    }
  }

  function span(node: KustoNode, depth: number): bigint | undefined {
    if (depth > 20) return undefined;
    switch (kindOf(node)) {
      case 'TimespanLiteralExpression':
        return parseSpan(insideOf(tokenText(node)));
      case 'ParenthesizedExpression':
        return inner(node, (child) => span(child, depth + 1));
      case 'UnaryMinusExpression': {
        const by = inner(node, (child) => span(child, depth + 1));
        return by === undefined ? undefined : -by;
      }
      case 'NameReference': {
        const meant = names.get(tokenText(node));
        return meant && span(meant, depth + 1);
      }
      default:
        return undefined;
    }
  }

  function argumentsOf(list: KustoNode): KustoNode[] {
    const elements = childrenOf(list).find((child) => kindOf(child) === 'List');
    return elements === undefined
      ? []
      : childrenOf(elements).flatMap((element) => childrenOf(element).slice(0, 1));
  }

  return { time: (node) => time(node) };
}

const fixed = (ticks: bigint | undefined): TimeValue | undefined =>
  ticks === undefined ? undefined : { kind: 'fixed', ticks };

/** What stands between the parentheses of an expression, or after its sign. */
function inner<T>(node: KustoNode, read: (child: KustoNode) => T | undefined): T | undefined {
  const child = childrenOf(node)[1];
  return child && read(child);
}

/** The text of a node that is one token, or of its first. */
export function tokenText(node: KustoNode): string {
  if (node.IsToken) return node.Text ?? '';
  const [first] = childrenOf(node);
  return first === undefined ? '' : tokenText(first);
}

/** `datetime(2026-11-20)` → `2026-11-20`, with or without quotes inside. */
function insideOf(literal: string): string {
  const found = /^[a-z]+\s*\((.*)\)$/is.exec(literal);
  return (found?.[1] ?? literal).trim().replace(/^(["'])(.*)\1$/s, '$2');
}

/** `7d`, `1.5h`, `1.02:03:04.5`. Undefined for another text. */
function parseSpan(text: string): bigint | undefined {
  const simple = /^(-?\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text);
  if (simple) {
    const [, amount, word = ''] = simple;
    const unit = UNITS.find(([pattern]) => pattern.test(word.toLowerCase()))?.[1];
    return unit === undefined ? undefined : BigInt(Math.round(Number(amount) * unit * Number(TICKS_PER_MS)));
  }
  const clock = /^(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$/.exec(text);
  if (!clock) return undefined;
  const [, days = '0', hours, minutes, seconds = '0', fraction = ''] = clock;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return BigInt(whole) * 1_000n * TICKS_PER_MS + BigInt(fraction.padEnd(7, '0'));
}
