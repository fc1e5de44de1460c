import type { LabAnswer, LabCaller, LabRequest } from '../service.ts';
import { ApiFault } from './api-fault.ts';
import type { LiveTenant } from './defender.ts';
import { jsonAnswer, type Trace } from './graph-answers.ts';
import { INCIDENT_FILTER } from './graph-enums.ts';
import type { GraphRenderer } from './graph-render.ts';
import type { GraphIncident } from './graph-types.ts';
import {
  asWritten,
  authorOf,
  bad,
  type PatchReaders,
  readObject,
  readPatch,
  text,
  texts,
  word,
} from './incident-patch.ts';
import { generatedVersion } from './served.ts';

/** A request that has passed sign-in, permission and quota. */
export interface GraphWrite {
  readonly request: LabRequest;
  readonly trace: Trace;
  readonly tenant: LiveTenant;
  readonly caller: LabCaller;
}

/** What each writing endpoint answers. All throw ApiFault for a bad request. */
export interface GraphWrites {
  /** Whether a method on an incident, or on this member of it, is one of these. */
  offers(method: string, member: string | undefined): boolean;
  /** https://learn.microsoft.com/graph/api/security-incident-update: 200 with the whole incident. */
  updateIncident(write: GraphWrite, id: string): LabAnswer;
  /** https://learn.microsoft.com/graph/api/security-incident-post-comments: 200 with all comments. */
  addComment(write: GraphWrite, id: string): LabAnswer;
}

const members = (name: 'classification' | 'determination' | 'severity'): Record<string, string> => {
  const known = INCIDENT_FILTER[name];
  return asWritten(
    ...(typeof known === 'string' ? [] : (known ?? [])).filter((each) => each !== 'unknownFutureValue'),
  );
};

const READERS: PatchReaders = {
  assignedTo: text('assignedTo'),
  classification: word('classification', members('classification')),
  customTags: texts('customTags'),
  description: text('description'),
  determination: word('determination', members('determination')),
  displayName: text('displayName'),
  severity: word('severity', members('severity')),
  resolvingComment: text('resolvingComment'),
  status: word('status', asWritten('active', 'inProgress', 'resolved', 'awaitingAction')),
  summary: text('summary'),
};
const COMMENT_TYPE = 'microsoft.graph.security.alertComment';

export function createGraphWrites({ renderer }: { readonly renderer: GraphRenderer }): GraphWrites {
  return {
    offers: (method, member) =>
      (method === 'PATCH' && member === undefined) || (method === 'POST' && member === 'comments'),

    updateIncident({ request, trace, tenant, caller }, id) {
      const patch = readPatch(request.body, READERS);
      known(tenant, id);
      const incident = tenant.updateIncident(id, { ...patch, lastModifiedBy: authorOf(caller) });
      const view = { alerts: false, newMembers: true, root: rootOf(request) };
      const body = renderer.incident({ ...generatedVersion(incident), order: 0 }, view);
      return jsonAnswer(trace, withContext(request, 'security/incidents/$entity', body));
    },

    addComment({ request, trace, tenant, caller }, id) {
      const { comment, '@odata.type': type = COMMENT_TYPE } = readObject(request.body);
      if (typeof comment !== 'string' || comment === '') throw bad("The property 'comment' is required.");
      if (typeof type !== 'string' || type.replace(/^#/, '') !== COMMENT_TYPE) {
        throw bad(`The type '${String(type)}' is not expected here.`);
      }
      known(tenant, id);
      const { comments } = tenant.addComment(id, comment, authorOf(caller));
      const body = JSON.stringify({ value: comments });
      return jsonAnswer(trace, withContext(request, `security/incidents('${id}')/comments`, body));
    },
  };
}

/** Incidents that were loaded from files stay as they are. */
function known(tenant: LiveTenant, id: string): GraphIncident {
  const incident = tenant.get(id);
  if (incident) return incident;
  throw new ApiFault(404, 'NotFound', `Incident '${id}' was not found.`);
}

const rootOf = ({ url }: LabRequest): string => `https://${url.host}/v1.0`;

const withContext = (request: LabRequest, path: string, body: string): string =>
  `{"@odata.context":${JSON.stringify(`${rootOf(request)}/$metadata#${path}`)},${body.slice(1)}`;
