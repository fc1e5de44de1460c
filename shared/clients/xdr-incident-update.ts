import type { Cloud } from '../clouds.ts';
import type { IncidentChange, IncidentUpdater } from '../incidents/ports.ts';
import type { Call } from './call.ts';
import { usable } from './pages.ts';
import type { Transport } from './transport.ts';
import { updateError } from './update-error.ts';
import { incidentWebUrl, pathSegment } from './urls.ts';
import { xdrIncident } from './xdr-incidents.ts';

const CALL = {
  resource: 'xdr',
  family: 'xdr.incidents',
  permission: 'Incident.ReadWrite.All',
  purpose: 'update incidents',
  keepsMessage: true,
  expected: [404],
} as const;

/**
 * Changes incidents by the Defender XDR API (https://learn.microsoft.com/defender-xdr/api-update-incidents): fields and
 * comment in one call. Needs the permission Incident.ReadWrite.All, or Incident.ReadWrite of a user.
 */
export function createXdrIncidentUpdate({
  transport,
  cloud,
}: {
  readonly transport: Transport;
  readonly cloud: Cloud;
}): IncidentUpdater {
  const { origin } = cloud.resources.xdr;
  return {
    async update({ tenant, id, change, signal }) {
      const call = { ...CALL, tenant, signal, origin };
      const url = `${origin}/api/incidents/${pathSegment(call, id)}`;
      // A comment would be added once more.
      const idempotent = change.comment === undefined;
      const patch: Call = { ...call, url, method: 'PATCH', body: JSON.stringify(bodyOf(change)), idempotent };
      try {
        let answer = await transport.send(patch);
        if (answer.status !== 404 && answer.text.trim() === '')
          answer = await transport.send({ ...call, url, method: 'GET' });
        const { status, text, serviceTime } = answer;
        if (status === 404) return undefined;
        return usable(patch, () =>
          xdrIncident(text, serviceTime, (incident) => incidentWebUrl(cloud.portal, tenant, incident)),
        );
      } catch (error) {
        throw updateError(error, tenant, id);
      }
    },
  };
}

/** Words that the page about updating has for what Graph calls otherwise; its page about reading has others again. */
const DETERMINATIONS: Readonly<Record<string, string>> = {
  notMalicious: 'Clean',
  notEnoughDataToValidate: 'NoEnoughDataToValidate',
  unknown: 'NotAvailable',
};

function bodyOf({ fields, comment }: IncidentChange): object {
  const { status, assignedTo, classification, determination, customTags } = fields;
  return {
    status: status && pascal(status),
    assignedTo,
    classification: classification && pascal(classification),
    determination: determination && (DETERMINATIONS[determination] ?? pascal(determination)),
    tags: customTags,
    comment,
  };
}

const pascal = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
