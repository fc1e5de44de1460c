import { Agent, type IncomingMessage, request } from 'node:http';
import { z } from 'zod';

const syncSchema = z.object({
  state: z.string(),
  run: z.string().optional(),
  newest: z.string().optional(),
  incidents: z.number(),
  versions: z.number(),
  failing: z.object({ code: z.string(), text: z.string() }).optional(),
});

/** What the app says of a tenant's sync, as far as the lab shows it. */
export type SyncAnswer = z.infer<typeof syncSchema>;

const listSchema = z.object({ value: z.array(z.object({ id: z.string() })) });
const querySchema = z.object({
  text: z.string(),
  scheduled: z.array(z.object({ tenantId: z.string(), failing: z.object({ text: z.string() }).optional() })),
});

/** A query of the app's library, and how its schedule stands. */
export type QueryAnswer = z.infer<typeof querySchema>;

const tenantSchema = z.object({ state: z.string(), api: z.enum(['graph', 'xdr']) });

/** A tenant of the registry, as far as the lab shows it. */
export type TenantAnswer = z.infer<typeof tenantSchema>;

const problemSchema = z.object({ detail: z.string() });

/** The app's own API, called as any client calls it: with a token, over HTTP. */
export interface ApiClient {
  /** Asks for a run now. */
  startSync(tenantId: string): Promise<void>;
  sync(tenantId: string): Promise<SyncAnswer>;
  /** Id of the incident that was updated last. */
  newestIncident(tenantId: string): Promise<string | undefined>;
  query(queryId: string): Promise<QueryAnswer>;
  /** The tenant as it is registered. */
  tenant(tenantId: string): Promise<TenantAnswer>;
  /** Has a scheduled query run now instead of when it is due: its message, through the host's admin interface. */
  runScheduled(tenantId: string, queryId: string, dueMs: number): Promise<void>;
}

export interface ApiClientOptions {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  token(roles: readonly string[]): Promise<string>;
}

const TIMEOUT_MS = 60_000;

/** Its calls throw an Error with the API's own words. */
export function createApiClient({ url, token }: ApiClientOptions): ApiClient {
  const ask = async (method: string, path: string, role: string, body?: object): Promise<string> => {
    const answer = await send(new URL(path, url), method, await token([role]), body);
    if (answer.status < 400) return answer.text;
    throw new Error(`The API answered ${answer.status} to ${method} ${path}: ${detailOf(answer.text)}`);
  };
  const call = async (method: string, path: string, role: string): Promise<unknown> =>
    JSON.parse(await ask(method, `/api/tenants/${path}`, role));
  return {
    async startSync(tenantId) {
      await call('POST', `${tenantId}/incidents/sync`, 'Incidents.Sync');
    },
    sync: async (tenantId) => syncSchema.parse(await call('GET', `${tenantId}/sync`, 'Incidents.Read')),
    async newestIncident(tenantId) {
      const path = `${tenantId}/incidents?top=1`;
      return listSchema.parse(await call('GET', path, 'Incidents.Read')).value[0]?.id;
    },
    query: async (queryId) =>
      querySchema.parse(JSON.parse(await ask('GET', `/api/queries/${queryId}`, 'Hunts.Read'))),
    tenant: async (tenantId) => tenantSchema.parse(await call('GET', tenantId, 'Tenants.Read')),
    async runScheduled(tenant, queryId, dueMs) {
      const input = JSON.stringify({ v: 1, tenant, queryId, dueMs });
      await ask('POST', '/admin/functions/run-scheduled-hunt', 'Hunts.Run', { input });
    },
  };
}

function detailOf(text: string): string {
  try {
    return problemSchema.parse(JSON.parse(text)).detail;
  } catch {
    return text.slice(0, 200);
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(url: URL, method: string, token: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    // An agent of its own: the global one may go by the proxy settings of this process's environment.
    const outgoing = request(url, { method, headers, agent: new Agent() }, (response) => {
      readText(response).then((text) => resolve({ status: response.statusCode ?? 500, text }), reject);
    });
    outgoing.setTimeout(TIMEOUT_MS, () =>
      outgoing.destroy(new Error(`The API did not answer within ${TIMEOUT_MS / 1000} s.`)),
    );
    outgoing.on('error', reject);
    outgoing.end(body && JSON.stringify(body));
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
