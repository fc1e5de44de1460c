import { ApiFault } from '../defender/api-fault.ts';
import { jsonAnswer, type Trace } from '../defender/graph-answers.ts';
import type { LabAnswer, LabRequest } from '../service.ts';
import { bodyBytes, cutNotice, huntNote, readJsonBody } from './body.ts';
import type { Hunting } from './hunting.ts';
import { schemaText } from './rows/write.ts';
import type { HuntSettings } from './settings.ts';

/** The permission of runHuntingQuery. */
export const GRAPH_HUNT = ['ThreatHunting.Read.All'];

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const OPERATION = 'runHuntingQuery';

/**
 * `POST /security/runHuntingQuery` after sign-in: https://learn.microsoft.com/graph/api/security-security-runhuntingquery
 *
 * @throws ApiFault
 */
export async function graphHunt(
  request: LabRequest,
  trace: Trace,
  {
    tenant,
    hunting,
    settings,
  }: { readonly tenant: string; readonly hunting: Hunting; readonly settings: HuntSettings },
): Promise<LabAnswer> {
  hunting.countCall(tenant);
  const { query, timespan } = readParameters(request, settings);
  const outcome = await hunting.run({ tenant, query, timespan, wire: 'graph' });
  const notice = cutNotice(outcome, settings);
  const context = `https://${request.url.host}/v1.0/$metadata#microsoft.graph.security.huntingQueryResults`;
  const body = bodyBytes({
    head: `"@odata.context":${JSON.stringify(context)},`,
    schema: `"schema":${schemaText(outcome.binding.columns, 'graph', settings)}`,
    results: '"results":',
    rows: outcome.found.text,
    tail: notice.member,
    schemaFirst: settings.huntSchemaPlace === 'first',
  });
  const answer = jsonAnswer(trace, body, notice.headers);
  return { ...answer, status: notice.status, note: huntNote(outcome) };
}

/** Parameter names in any letters: the page writes `Query`, the metadata `query`. */
function readParameters(
  request: LabRequest,
  settings: HuntSettings,
): { readonly query: string; readonly timespan: string | undefined } {
  const body = readJsonBody(request, settings);
  if (body === undefined) throw bad('Unable to read JSON request payload.');
  const parameters = new Map<string, unknown>();
  for (const [name, value] of Object.entries(body)) {
    const known = ['query', 'timespan', 'workspaceid'].find((one) => one === name.toLowerCase());
    if (known === undefined) {
      throw bad(
        `The parameter '${name}' in the request payload is not a valid parameter for the operation '${OPERATION}'.`,
      );
    }
    if (parameters.has(known)) throw bad(`The parameter '${name}' was given more than once.`);
    parameters.set(known, value);
  }
  const query = parameters.get('query');
  const timespan = parameters.get('timespan') ?? undefined;
  const workspace = parameters.get('workspaceid') ?? undefined;
  if (typeof query !== 'string' || query.trim() === '') throw bad('The query must not be empty: Query.');
  if (timespan !== undefined && typeof timespan !== 'string') throw bad('Timespan must be a string.');
  if (workspace !== undefined && (typeof workspace !== 'string' || !GUID.test(workspace))) {
    throw bad('workspaceId must be a GUID.');
  }
  return { query, timespan };
}

const bad = (message: string): ApiFault => new ApiFault(400, 'BadRequest', message);
