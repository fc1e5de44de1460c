import { ApiFault } from '../defender/api-fault.ts';
import type { LabAnswer, LabClock, LabRequest } from '../service.ts';
import { bodyBytes, cutNotice, huntNote, readJsonBody } from './body.ts';
import type { Hunting, HuntOutcome } from './hunting.ts';
import { schemaText } from './rows/write.ts';
import type { HuntSettings } from './settings.ts';

/** The permissions of the older endpoint, an application's and a user's. */
export const XDR_HUNT = ['AdvancedHunting.Read.All', 'AdvancedHunting.Read'];

/**
 * `POST /api/advancedhunting/run` after sign-in: https://learn.microsoft.com/defender-xdr/api-advanced-hunting
 * The only member of the body is `Query`, in these letters; others are not looked at.
 *
 * @throws ApiFault
 */
export async function xdrHunt(
  request: LabRequest,
  options: {
    readonly tenant: string;
    readonly hunting: Hunting;
    readonly settings: HuntSettings;
    readonly clock: LabClock;
  },
): Promise<LabAnswer> {
  const { tenant, hunting, settings, clock } = options;
  refuseAfterEnd(settings, clock.now());
  hunting.countCall(tenant);
  const body = readJsonBody(request, settings);
  if (body === undefined) {
    throw new ApiFault(400, 'InvalidRequestBody', 'The request body is not a JSON object.');
  }
  const { Query: query } = body;
  if (typeof query !== 'string' || query.trim() === '') {
    throw new ApiFault(400, 'MissingRequiredParameter', 'The required parameter Query is missing.');
  }
  const outcome = await hunting.run({ tenant, query, wire: 'xdr' });
  const notice = cutNotice(outcome, settings);
  const bytes = bodyBytes({
    head: `"Stats":${JSON.stringify(statsOf(outcome))},`,
    schema: `"Schema":${schemaText(outcome.binding.columns, 'xdr', settings)}`,
    results: '"Results":',
    rows: outcome.found.text,
    tail: notice.member,
    schemaFirst: settings.huntSchemaPlace === 'first',
  });
  return {
    status: notice.status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...notice.headers },
    body: bytes,
    note: huntNote(outcome),
  };
}

function refuseAfterEnd({ huntLegacyEndsAt, huntLegacyEndStatus: status }: HuntSettings, now: number): void {
  if (huntLegacyEndsAt === null || now < Date.parse(huntLegacyEndsAt)) return;
  const code = status === 403 ? 'DisabledFeature' : 'ResourceNotFound';
  throw new ApiFault(status, code, 'This API has been retired. Use the Microsoft Graph security API.');
}

/** The members that the page's sample shows. */
function statsOf({ runMs, cpuMs, found }: HuntOutcome) {
  return {
    ExecutionTime: runMs / 1000,
    resource_usage: {
      cache: { memory: { hits: found.rows, misses: 0, total: found.rows } },
      cpu: { user: clockText(cpuMs), kernel: clockText(0), 'total cpu': clockText(cpuMs) },
      memory: { peak_per_node: found.text.length },
    },
    dataset_statistics: [{ table_row_count: found.rows, table_size: found.text.length }],
  };
}

/** `00:00:19.0460000` */
const clockText = (ms: number): string => `${new Date(ms).toISOString().slice(11, 23)}0000`;
