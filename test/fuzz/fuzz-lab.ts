import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Cloud, startCloud } from '../../lab/cloud.ts';
import { processEnvironment } from '../../lab/environment.ts';
import { buildApp } from '../../scripts/build.ts';
import type { SyncStatus } from '../../shared/incidents/status.ts';
import { type AppProcess, startApp } from './app-process.ts';
import { createOracle, type Oracle, type OracleFacts } from './oracle.ts';
import type { TokenPool } from './request.ts';
import type { StoredFacts } from './targets.ts';
import { createTokenPool } from './token-pool.ts';

/** Setting of a deployment, small so that bodies over it need not be huge. */
const BODY_LIMIT = 1_000_000;
const INCIDENTS = 12;
const STORED_WITHIN_MS = 60_000;

/** An offline cloud with incidents in its storage, and Outrider as it is deployed. */
export interface FuzzLab {
  readonly app: AppProcess;
  readonly pool: TokenPool;
  readonly facts: StoredFacts;
  readonly oracle: Oracle;
  /** Another process on the same cloud, of another folder. Stopped with the lab. */
  start(directory: string): Promise<AppProcess>;
  /** What tried to leave the lab. */
  refused(): readonly string[];
  stop(): Promise<void>;
}

export async function startFuzzLab(): Promise<FuzzLab> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const built = await mkdtemp(join(tmpdir(), 'outrider-fuzz-'));
    ends.push(() => rm(built, { recursive: true, force: true }));
    await buildApp(built);
    const cloud = await startCloud();
    ends.push(cloud.stop);
    const settings = {
      ...cloud.env,
      // As a deployment is by default: a customer's directory is another directory.
      OUTRIDER_API_CALLERS: 'single-tenant',
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: String(BODY_LIMIT),
      // Nothing else is to use memory meanwhile.
      'AzureWebJobs.enqueue-due-hunts.Disabled': 'true',
    };
    const env = processEnvironment(settings, process.env);
    const start = async (directory: string): Promise<AppProcess> => {
      const started = await startApp({ directory, env });
      ends.push(started.stop);
      await loadHunting(cloud, started);
      return started;
    };
    const app = await start(built);
    const facts = await storeIncidents(cloud, app);
    const pool = await createTokenPool(cloud);
    const oracle = createOracle({ ...(await oracleFacts(cloud)), pool });
    const refused = (): readonly string[] => cloud.refused().map(({ target }) => target);
    return { app, pool, facts, oracle, start, refused, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The check of queries lives in a thread whose memory is not to be taken for a leak. */
async function loadHunting(cloud: Cloud, { port }: AppProcess): Promise<void> {
  const authorization = `Bearer ${await cloud.token(['Hunts.Read'])}`;
  const answer = await fetch(`http://127.0.0.1:${port}/api/queries`, { headers: { authorization } });
  if (!answer.ok) throw new Error(`no queries: ${answer.status} ${await answer.text()}`);
}

async function oracleFacts({ world, entra }: Cloud): Promise<Omit<OracleFacts, 'pool'>> {
  const url = new URL(`https://login.microsoftonline.com/${world.home.id}/discovery/v2.0/keys`);
  const request = { method: 'GET', url, rawTarget: url.pathname, headers: {}, body: Buffer.alloc(0) };
  const { body } = await entra.service.handle(request);
  return {
    keys: (body as { readonly keys: OracleFacts['keys'] }).keys,
    homeId: world.home.id,
    apiClientId: world.api.clientId,
    tenantIds: world.tenants.map(({ id }) => id),
    bodyLimit: BODY_LIMIT,
  };
}

/** Lets the app itself sync some incidents, with ids that are odd in addresses. */
async function storeIncidents(cloud: Cloud, { port }: AppProcess): Promise<StoredFacts> {
  const tenantIds = cloud.world.tenants.map(({ id }) => id);
  const [first = ''] = tenantIds;
  const ids = Array.from({ length: INCIDENTS }, (_, n) => (n === 0 ? 'a/b#c?' : String(1_000 + n)));
  for (const id of ids)
    cloud.defender.tenant(first).createIncident({ id, alerts: [{ title: `Alert of ${id}` }] });
  const authorization = `Bearer ${await cloud.token(['Incidents.Read', 'Incidents.Sync'])}`;
  const call = async <Answer>(path: string, method = 'GET'): Promise<Answer> => {
    const address = `http://127.0.0.1:${port}/api/tenants/${first}/${path}`;
    const answer = await fetch(address, { method, headers: { authorization } });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  await call('incidents/sync', 'POST');
  const giveUpAt = Date.now() + STORED_WITHIN_MS;
  for (;;) {
    const { state, run } = await call<SyncStatus>('sync');
    if (state === 'current' && run === undefined) break;
    if (Date.now() > giveUpAt) throw new Error('the incidents are not stored after a minute');
    await wait(50);
  }
  const incidentIds = ids.map(encodeURIComponent);
  const { value } = await call<{ value: { version: string }[] }>(`incidents/${incidentIds[1]}/versions`);
  const { nextLink } = await call<{ nextLink: string }>('incidents?top=2');
  const continuationToken = new URL(nextLink).searchParams.get('continuationToken') ?? '';
  return { tenantIds, incidentIds, versions: value.map(({ version }) => version), continuationToken };
}
