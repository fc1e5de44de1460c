import type { ServedAlert, ServedIncident } from './served.ts';
import { incidentStatus } from './xdr-values.ts';

/** The value of a Graph property that filters work on. */
export function incidentField(served: ServedIncident, name: string): string | null {
  const fields: object = served.kind === 'raw' ? served.raw.fields : served.incident;
  return textField(fields, name);
}

export function alertField(served: ServedAlert, name: string): string | null {
  const fields: object = served.kind === 'raw' ? served.raw.fields : served.alert;
  return textField(fields, name);
}

export function isRedirected(served: ServedIncident): boolean {
  if (served.kind === 'generated') return served.incident.status === 'redirected';
  return served.raw.fields.status?.toLowerCase() === 'redirected';
}

function textField(fields: object, name: string): string | null {
  const value: unknown = Object.hasOwn(fields, name) ? Reflect.get(fields, name) : null;
  return typeof value === 'string' ? value : null;
}

/** The value of a Defender XDR property that filters work on. */
export function xdrField(served: ServedIncident, name: string): string | null {
  if (served.kind === 'raw') return textField(served.raw.fields, name);
  const { incident } = served;
  if (name === 'lastUpdateTime') return incident.lastUpdateDateTime;
  if (name === 'createdTime') return incident.createdDateTime;
  if (name === 'status') return incidentStatus(incident.status);
  return name === 'assignedTo' ? incident.assignedTo : null;
}
