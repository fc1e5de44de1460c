import { isMap } from 'yaml';
import type { HuntingQuery } from '../query.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';
import { type Field, type Fields, fieldsOf, illTyped, numberOf } from './yaml-fields.ts';
import { scalarText } from './yaml-values.ts';

type Trigger = HuntingQuery['trigger'];

/** A run has a result worth telling when it has any row. */
export const DEFAULT_TRIGGER: Trigger = { operator: 'gt', threshold: 0 };

/** Sentinel's short words, and the long ones of its portal's exports. */
const OPERATORS: Readonly<Record<string, Trigger['operator']>> = {
  gt: 'gt',
  lt: 'lt',
  eq: 'eq',
  ne: 'ne',
  greaterthan: 'gt',
  lessthan: 'lt',
  equal: 'eq',
  notequal: 'ne',
};

/** How many rows make a result: a `trigger` map, or Sentinel's two fields. */
export function readTrigger(fields: Fields, sink: ProblemSink): Trigger {
  const whole = fields.take('trigger');
  if (whole && !isMap(whole.node)) illTyped(sink, whole, 'a map with operator and threshold');
  const parts = whole && isMap(whole.node) ? fieldsOf(whole.node) : [];
  const part = (name: string): Field | undefined => parts.find(({ key }) => key === name);
  for (const { key, keyOffset } of parts) {
    if (key === 'operator' || key === 'threshold') continue;
    sink.error(
      PROBLEM.illTyped,
      keyOffset,
      `"${key}" is not part of a trigger: it has operator and threshold.`,
    );
  }
  const operator = part('operator') ?? fields.take('triggerOperator');
  const threshold = part('threshold') ?? fields.take('triggerThreshold');
  return {
    operator: operatorOf(operator, sink),
    threshold: thresholdOf(threshold, sink),
  };
}

function operatorOf(field: Field | undefined, sink: ProblemSink): Trigger['operator'] {
  if (!field) return DEFAULT_TRIGGER.operator;
  const word = scalarText(field.node)?.toLowerCase() ?? '';
  const operator = Object.hasOwn(OPERATORS, word) ? OPERATORS[word] : undefined;
  if (operator === undefined) illTyped(sink, field, 'gt, lt, eq or ne');
  return operator ?? DEFAULT_TRIGGER.operator;
}

function thresholdOf(field: Field | undefined, sink: ProblemSink): number {
  if (!field) return DEFAULT_TRIGGER.threshold;
  const threshold = numberOf(field.node);
  if (threshold !== undefined && Number.isInteger(threshold) && threshold >= 0 && threshold <= 10_000) {
    return threshold;
  }
  illTyped(sink, field, 'a whole number from 0 to 10,000');
  return DEFAULT_TRIGGER.threshold;
}
