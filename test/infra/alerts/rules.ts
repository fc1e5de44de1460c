import type { Values } from '../evaluate.ts';
import type { Rule } from './deployed.ts';

/**
 * Minutes that Azure takes as `windowSize`; up to a day also as `evaluationFrequency`.
 * https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule
 */
export const MINUTES: Readonly<Record<string, number>> = {
  PT1M: 1,
  PT5M: 5,
  PT10M: 10,
  PT15M: 15,
  PT30M: 30,
  PT45M: 45,
  PT1H: 60,
  PT2H: 120,
  PT3H: 180,
  PT4H: 240,
  PT5H: 300,
  PT6H: 360,
  P1D: 1_440,
  P2D: 2_880,
};

/**
 * What is wrong with a rule as it is deployed, whatever it asks: it must fire for one row, for each tenant by itself
 * where it says so, end by itself, and tell those who are to be told.
 */
export function ruleFaults({ name, byTenant, every, window, properties }: Rule): readonly string[] {
  const { allOf } = properties.criteria as unknown as { readonly allOf: readonly Values[] };
  const { query, ...condition } = allOf[0] ?? {};
  const severity = Number(properties.severity);
  const wanted = {
    enabled: true,
    scopes: ['logs'],
    // The tables are not there before the first line is logged.
    skipQueryValidation: true,
    autoMitigate: true,
    actions: { actionGroups: ['people'] },
    conditions: 1,
    condition: {
      timeAggregation: 'Count',
      operator: 'GreaterThan',
      threshold: 0,
      dimensions: byTenant ? [{ name: 'Tenant', operator: 'Include', values: ['*'] }] : [],
      failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
    },
  };
  const is: Readonly<Record<string, unknown>> = { ...properties, conditions: allOf.length, condition };
  const [frequency, lookBack] = [MINUTES[every], MINUTES[window]];
  return [
    ...Object.entries(wanted)
      .filter(([key, value]) => JSON.stringify(is[key]) !== JSON.stringify(value))
      .map(([key, value]) => `${name}: ${key} is not ${JSON.stringify(value)}`),
    ...(Number.isInteger(severity) && severity >= 0 && severity <= 4
      ? []
      : [`${name}: severity is not 0 to 4`]),
    ...(frequency === undefined || frequency > 1_440 ? [`${name}: Azure does not ask ${every}`] : []),
    ...(lookBack === undefined ? [`${name}: Azure does not look back ${window}`] : []),
    ...((frequency ?? 0) > (lookBack ?? 0) ? [`${name}: looks back less far than it asks seldom`] : []),
    ...(String(properties.description).includes(`alert ${name}.`) ? [] : [`${name}: names no runbook`]),
  ];
}
