import type { Cloud } from '../clouds.ts';
import type { IncidentFields, IncidentUpdater } from '../incidents/ports.ts';
import type { Answer, Call } from './call.ts';
import { graphIncident } from './graph-incidents.ts';
import { usable } from './pages.ts';
import { membersOf, readCollection } from './raw-json.ts';
import { fieldsOf } from './received.ts';
import type { Transport } from './transport.ts';
import { halfUpdated, updateError } from './update-error.ts';
import { pathSegment } from './urls.ts';

const COMMON = {
  resource: 'graph',
  family: 'graph.security',
  // Without it the enum members that were added later arrive as unknownFutureValue.
  headers: { prefer: 'include-unknown-enum-members' },
  permission: 'SecurityIncident.ReadWrite.All',
  purpose: 'update incidents',
  keepsMessage: true,
  expected: [404],
} as const;
const COMMENT_TYPE = 'microsoft.graph.security.alertComment';

type Order = Parameters<IncidentUpdater['update']>[0];

/**
 * Changes incidents by Microsoft Graph v1.0 (https://learn.microsoft.com/graph/api/security-incident-update and
 * security-incident-post-comments). Needs the permission SecurityIncident.ReadWrite.All.
 */
export function createGraphIncidentUpdate({
  transport,
  cloud,
}: {
  readonly transport: Transport;
  readonly cloud: Cloud;
}): IncidentUpdater {
  const { origin } = cloud.resources.graph;

  function callFor({ tenant, id, signal }: Order, rest: Pick<Call, 'method' | 'body'>, under = ''): Call {
    const call = { ...COMMON, tenant, signal, origin };
    return { ...call, ...rest, url: `${origin}/v1.0/security/incidents/${pathSegment(call, id)}${under}` };
  }

  const read = (order: Order): Promise<Answer> => transport.send(callFor(order, { method: 'GET' }));

  /** Setting the same values again changes nothing: an unknown outcome may be tried again. */
  async function setFields(order: Order): Promise<Answer> {
    const body = JSON.stringify(bodyOf(order.change.fields));
    const answer = await transport.send({ ...callFor(order, { method: 'PATCH', body }), idempotent: true });
    return answer.status !== 404 && answer.text.trim() === '' ? read(order) : answer;
  }

  /** The incident's text with all its comments, as the service gives them. */
  async function addComment(
    order: Order,
    text: string,
    comment: string,
    setsFields: boolean,
  ): Promise<string | undefined> {
    const body = JSON.stringify({ '@odata.type': COMMENT_TYPE, comment });
    const known = callFor(order, { method: 'POST', body }, '/comments');
    // An incident that has just been changed is there: a 404 is then about the comment, and a failure.
    const call: Call = setsFields ? { ...known, expected: [] } : known;
    const { status, text: comments } = await transport.send(call);
    if (status === 404) return undefined;
    return usable(call, () => withComments(text, readCollection(comments).elements));
  }

  return {
    async update(order) {
      const { tenant, id, change } = order;
      const setsFields = Object.keys(change.fields).length > 0;
      try {
        // The fields first: they may be set again, a comment is added each time.
        const { status, text, serviceTime } = await (setsFields ? setFields(order) : read(order));
        if (status === 404) return undefined;
        const whole =
          change.comment === undefined ? text : await commented(order, text, change.comment, setsFields);
        if (whole === undefined) return undefined;
        return usable(callFor(order, { method: 'PATCH' }), () =>
          graphIncident(fieldsOf(whole), whole, serviceTime),
        );
      } catch (error) {
        throw updateError(error, tenant, id);
      }
    },
  };

  async function commented(
    order: Order,
    text: string,
    comment: string,
    setsFields: boolean,
  ): Promise<string | undefined> {
    try {
      return await addComment(order, text, comment, setsFields);
    } catch (error) {
      throw setsFields ? halfUpdated(error, order) : error;
    }
  }
}

function bodyOf({ status, assignedTo, classification, determination, customTags }: IncidentFields): object {
  return { status, assignedTo, classification, determination, customTags };
}

/** Every other character stays as the service wrote it. */
function withComments(incident: string, comments: readonly string[]): string {
  const value = `[${comments.join(',')}]`;
  const members = membersOf(incident, incident.indexOf('{'));
  const known = members.findLast(({ key }) => key === 'comments')?.value;
  if (known) return incident.slice(0, known.start) + value + incident.slice(known.end);
  const end = members.at(-1)?.value.end ?? incident.indexOf('{') + 1;
  return `${incident.slice(0, end)}${members.length > 0 ? ',' : ''}"comments":${value}${incident.slice(end)}`;
}
