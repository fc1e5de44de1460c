import { Agent, request as httpsRequest } from 'node:https';
import type { LabAnswer, LabRequest, LabService, TokenJudge } from '../service.ts';
import { refuseCaller, type StorageCallerRule } from './access.ts';
import type { StorageKind } from './azurite.ts';
import { AZURITE_TOKEN } from './azurite-token.ts';
import { addAccountToBatch, dropAccountFromBatchAnswer } from './table-batch.ts';

export interface StorageOptions {
  readonly account: string;
  /** Tenant whose identities the account trusts. */
  readonly tenantId: string;
  readonly judge: TokenJudge;
  /** Who may read and write: what role assignments are in Azure. */
  readonly mayUse: StorageCallerRule;
  /** Local port of Azurite's service; undefined while it is down. */
  portOf(kind: StorageKind): number | undefined;
  /** Certificate authority that signed Azurite's certificate, PEM. */
  readonly authority: string;
  /** Tenant ids to look for in a request, to tell whose data it concerns. */
  readonly tenantIds: readonly string[];
}

export interface Storage {
  /** `blob`, `queue` and `table`, each as `<account>.<kind>.core.windows.net`. */
  readonly services: readonly LabService[];
  /** Closes the pooled connections to Azurite. */
  stop(): void;
}

const KINDS: readonly StorageKind[] = ['blob', 'queue', 'table'];
/** How much of a body is searched for a tenant id. */
const SEARCHED_BYTES = 4096;
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer']);

/**
 * The storage account under its production names: judges the bearer token, which Azurite does not, and hands
 * the request on to Azurite byte for byte. The one change on the way is to entity-group transactions, see
 * table-batch.ts. While Azurite is down, connections are cut as if the machine were gone.
 */
export function createStorage(options: StorageOptions): Storage {
  const agent = new Agent({ keepAlive: true, maxSockets: 128, ca: options.authority, scheduling: 'lifo' });
  return {
    services: KINDS.map((kind) => storageService(kind, options, agent)),
    stop: () => agent.destroy(),
  };
}

/** Host names of the account. */
export function storageHosts(account: string): readonly string[] {
  return KINDS.map((kind) => hostOf(account, kind));
}

function hostOf(account: string, kind: StorageKind): string {
  return `${account}.${kind}.core.windows.net`;
}

function storageService(kind: StorageKind, options: StorageOptions, agent: Agent): LabService {
  const tenantIds = new Set(options.tenantIds.map((id) => id.toLowerCase()));
  return {
    name: kind,
    hosts: [hostOf(options.account, kind)],
    tenantOf: (request) => tenantOf(request, tenantIds),
    async handle(request) {
      const refusal = await refuseCaller(kind, request, options);
      if (refusal !== undefined) return refusal;
      const isBatch = kind === 'table' && request.method === 'POST' && request.url.pathname === '/$batch';
      const body = isBatch ? addAccountToBatch(request.body, options.account) : request.body;
      const answer = await forward(kind, { ...request, body }, options, agent);
      if (!isBatch || !Buffer.isBuffer(answer.body)) return answer;
      return { ...answer, body: dropAccountFromBatchAnswer(answer.body, options.account) };
    },
  };
}

function forward(
  kind: StorageKind,
  request: LabRequest,
  { portOf }: StorageOptions,
  agent: Agent,
): Promise<LabAnswer> {
  const port = portOf(kind);
  const gone: LabAnswer = { status: 503, cut: 'before' };
  if (port === undefined) return Promise.resolve(gone);
  return new Promise((resolve) => {
    const outgoing = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        agent,
        method: request.method,
        path: request.rawTarget,
        headers: forwardedHeaders(request),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve(gone));
        response.on('end', () => {
          const headers: Record<string, string> = {};
          for (const [name, value] of Object.entries(response.headers)) {
            if (HOP_BY_HOP.has(name) || value === undefined) continue;
            headers[name] = Array.isArray(value) ? value.join(', ') : value;
          }
          resolve({ status: response.statusCode ?? 500, headers, body: Buffer.concat(chunks) });
        });
      },
    );
    outgoing.on('error', () => resolve(gone));
    outgoing.end(request.body);
  });
}

function forwardedHeaders(request: LabRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (!HOP_BY_HOP.has(name)) headers[name] = value;
  }
  if (request.body.length > 0 || 'content-length' in request.headers) {
    headers['content-length'] = String(request.body.length);
  }
  // The caller's own token has been judged by now, by the lab's clock; Azurite only knows the machine's.
  headers.authorization = `Bearer ${AZURITE_TOKEN}`;
  return headers;
}

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** The first known tenant that address or body name; a queue message is looked into as well. */
function tenantOf(request: LabRequest, tenantIds: ReadonlySet<string>): string | undefined {
  const start = request.body.subarray(0, SEARCHED_BYTES).toString('latin1');
  const message = /<MessageText>([0-9A-Za-z+/=]+)/.exec(start)?.[1] ?? '';
  const text = `${request.rawTarget} ${start} ${Buffer.from(message, 'base64').toString('latin1')}`;
  return text
    .match(GUID)
    ?.map((id) => id.toLowerCase())
    .find((id) => tenantIds.has(id));
}
