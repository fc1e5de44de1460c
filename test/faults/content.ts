import type { ModelIncident } from '../support/model-source.ts';
import type { Random } from './random.ts';

/** Alerts of the model carry arrays of their own. */
type ModelAlert = ModelIncident['alerts'][number] & { readonly evidence?: readonly string[] };

/**
 * What an incident says, whatever the order of arrays and whatever annotations came with it. Not the product's
 * canonical form: the test judges by a rule of its own.
 */
export function contentOf(incident: ModelIncident, withAlerts: boolean): string {
  const { id, lastUpdate, created, status, title, redirectTo = null, tags = [], alerts } = incident;
  const told = withAlerts ? (alerts as ModelAlert[]).map(alertContent).sort() : null;
  return JSON.stringify([id, lastUpdate, created, status, title, redirectTo, [...tags].sort(), told]);
}

function alertContent({ id, lastUpdate, title, evidence = [] }: ModelAlert): string {
  return JSON.stringify([id, lastUpdate, title, [...evidence].sort()]);
}

/** The same of a text as stored. */
export function contentOfText(text: string): string {
  const incident = JSON.parse(text) as ModelIncident;
  return contentOf(incident, incident.alerts !== undefined);
}

/** A text of the incident as the service might send it: arrays in any order, annotations that differ each time. */
export function textOf(incident: ModelIncident, withAlerts: boolean, random: Random): string {
  const { alerts, tags = [], ...rest } = incident;
  const shown = (alerts as ModelAlert[]).map((alert) => ({
    ...alert,
    evidence: random.shuffled(alert.evidence ?? []),
  }));
  return JSON.stringify({
    '@odata.etag': `W/"${random.seed()}"`,
    ...rest,
    tags: random.shuffled(tags),
    ...(withAlerts ? { 'alerts@odata.context': `#${random.below(99)}`, alerts: random.shuffled(shown) } : {}),
  });
}

/** The last update of an incident or of any of its alerts; `~`, later than all, where the alerts are not known. */
export function lastSaid(content: string, lastUpdate: string): string {
  const alerts = (JSON.parse(content) as unknown[]).at(-1) as string[] | null;
  if (alerts === null) return '~';
  return (
    [lastUpdate, ...alerts.map((alert) => String((JSON.parse(alert) as string[])[1]))].sort().at(-1) ?? '~'
  );
}
