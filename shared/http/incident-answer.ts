import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Outrider } from '../app.ts';
import { OutriderError } from '../errors.ts';
import type { ReceivedIncident } from '../incidents/ports.ts';
import type { StoredIncident } from '../incidents/read-incident.ts';
import type { IncidentShape } from '../incidents/view.ts';
import { readParameters } from './parameters.ts';

const SHAPES: readonly IncidentShape[] = ['graph', 'source'];

/** The shape that a request asks for by `?as=`; Graph's when it does not say. */
export function shapeOf(request: HttpRequest): IncidentShape {
  const parameters = readParameters(request.query);
  const shape = parameters.word('as', SHAPES, 'graph');
  parameters.done();
  return shape;
}

/** An incident's id from the address. The host leaves an encoded slash as it is. */
export function incidentIdOf(request: HttpRequest): string {
  return (request.params.incidentId ?? '').replaceAll(/%2f/gi, '/');
}

/**
 * A whole incident as an answer.
 *
 * @throws OutriderError `request.not_found` when there is none
 */
export function incidentAnswer(
  app: Outrider,
  found: StoredIncident | undefined,
  asked: { readonly tenant: string; readonly what: string; readonly shape: IncidentShape },
): HttpResponseInit {
  if (!found) throw notStored(asked.what, asked.tenant);
  return {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: app.incidents.text(found, asked.tenant, asked.shape),
  };
}

/**
 * An incident that was read or changed just now, in whose name.
 *
 * @throws OutriderError `request.not_found` when the service does not know it
 */
export function liveIncidentAnswer(
  app: Outrider,
  incident: ReceivedIncident | undefined,
  asked: {
    readonly tenant: string;
    readonly id: string;
    readonly shape: IncidentShape;
    readonly actAs: 'app' | 'user';
  },
): HttpResponseInit {
  if (!incident) throw notThere(asked);
  return {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: app.incidents.liveText(incident, asked),
  };
}

function notThere({ tenant, id }: { readonly tenant: string; readonly id: string }): OutriderError {
  return new OutriderError(
    'request.not_found',
    `The service knows no incident ${id} in tenant ${tenant}, or does not show it to whoever asks.`,
    { tenant },
  );
}

export function notStored(what: string, tenant: string): OutriderError {
  return new OutriderError(
    'request.not_found',
    `${what} of tenant ${tenant} is not stored. It may be older than what is kept, or not synced yet.`,
    { tenant },
  );
}
