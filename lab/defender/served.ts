import type { GraphAlert, GraphIncident } from './graph-types.ts';
import type { Listed } from './live-list.ts';
import type { RawAlert, RawIncident } from './raw-incident.ts';
import { timeKey } from './times.ts';

/** One version of an incident as the APIs show it. */
export type ServedIncident = Listed &
  (
    | { readonly kind: 'generated'; readonly incident: GraphIncident }
    | { readonly kind: 'raw'; readonly raw: RawIncident }
  );

/** A version before it has its place in a list. */
export type UnplacedIncident = ServedIncident extends infer Each
  ? Each extends Listed
    ? Omit<Each, 'order'>
    : never
  : never;

/** One version of an alert as alerts_v2 shows it. */
export type ServedAlert = Listed &
  (
    | { readonly kind: 'generated'; readonly alert: GraphAlert }
    | { readonly kind: 'raw'; readonly raw: RawAlert }
  );

export function generatedVersion(incident: GraphIncident): UnplacedIncident {
  return { kind: 'generated', incident, ...listedTimes(incident) };
}

export function rawVersion(raw: RawIncident): UnplacedIncident {
  return { kind: 'raw', raw, id: raw.id, created: raw.created, updated: raw.updated };
}

/** @param orderOf a number for each alert, the same at every call, that breaks ties between equal times */
export function servedAlerts(served: ServedIncident, orderOf: (alertId: string) => number): ServedAlert[] {
  if (served.kind === 'raw') {
    return served.raw.alerts.map((raw) => ({
      kind: 'raw',
      raw,
      order: orderOf(raw.id),
      id: raw.id,
      created: raw.created,
      updated: raw.updated,
    }));
  }
  return served.incident.alerts.map((alert) => ({
    kind: 'generated',
    alert,
    order: orderOf(alert.id),
    ...listedTimes(alert),
  }));
}

function listedTimes(item: { id: string; createdDateTime: string; lastUpdateDateTime: string }): {
  id: string;
  created: string;
  updated: string;
} {
  return { id: item.id, created: keyOf(item.createdDateTime), updated: keyOf(item.lastUpdateDateTime) };
}

function keyOf(time: string): string {
  const key = timeKey(time);
  if (key === undefined) throw new Error(`not a time with an offset: ${time}`);
  return key;
}
