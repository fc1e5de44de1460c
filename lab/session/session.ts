import type { Cloud } from '../cloud.ts';
import { createRandom } from '../defender/random.ts';
import { createEnds, type Ends } from '../ends.ts';
import { processEnvironment } from '../environment.ts';
import { type Lab, startLab } from '../lab.ts';
import { probe } from '../probe.ts';
import { createApiClient } from './api-client.ts';
import { withLabPace } from './app-settings.ts';
import type { OnEvent, SessionTenant, StreamChange } from './events.ts';
import type { IncidentFiles } from './files.ts';
import { followLog } from './follow-log.ts';
import { createMilestones } from './milestones.ts';
import { type RunnerProcess, startRunnerProcess } from './runner-process.ts';
import { pause, runStream, seedHistory } from './stream.ts';
import { createSyncWatch, type SyncWatch, type TenantSync } from './sync-watch.ts';

export interface SessionOptions {
  readonly tenants: number;
  readonly seed: number;
  /** Directory that keeps the storage; in memory when missing. */
  readonly keep?: string;
  /** Incidents to serve untouched; none when missing. */
  readonly files?: IncidentFiles;
  /** Whether tenants get a generated past. */
  readonly history: boolean;
  /** Whether incidents keep changing once the first loads have ended. */
  readonly stream: boolean;
  /** The app to run; none when missing. */
  readonly app?: { readonly folder: string; readonly port: number };
  readonly onEvent: OnEvent;
  /** Called when `outrider lab stop` is asked for. */
  readonly onStop: () => void;
  /** Gives the start up between its steps. */
  readonly signal: AbortSignal;
}

/** A tenant's row as programs get it. `null` without an app: nobody knows. */
export interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly incidents: number | null;
  readonly versions: number | null;
  readonly apiCalls: number;
  readonly storageOps: number;
}

/** What `outrider lab status --json` prints. */
export interface LabStatus {
  /** The API answers and every tenant's first load has ended; without an app: the cloud is up. */
  readonly ready: boolean;
  readonly api: string | null;
  readonly tenants: readonly TenantRow[];
}

/** A lab at work: the cloud, the app in it, and what is known of its syncs. */
export interface Session {
  /** Address of the app; undefined without one. */
  readonly api: string | undefined;
  readonly tenants: readonly SessionTenant[];
  rows(): readonly TenantRow[];
  syncs(): readonly TenantSync[];
  /** Resolves when every tenant's first run has ended; at once without an app. */
  readonly settled: Promise<void>;
  /** Resolves with the reason when the session cannot go on. */
  readonly broken: Promise<Error>;
  /** Id of an incident to look at. */
  newestIncident(tenant: SessionTenant): Promise<string | undefined>;
  /** Asks the app for every tenant's state now. */
  refresh(): Promise<void>;
  /** Lets the app finish, then ends the cloud. Leaves nothing behind. May be called twice. */
  stop(): Promise<void>;
  /** Ends the app's process at once. */
  kill(): void;
}

const TICK_MS = 250;

/** Starts the cloud, fills it, and runs the app in it. What has started is ended again when a later step fails. */
export async function startSession(options: SessionOptions): Promise<Session> {
  const ends = createEnds();
  try {
    return await startParts(options, ends);
  } catch (error) {
    await ends.end();
    throw error;
  }
}

async function startParts(options: SessionOptions, ends: Ends): Promise<Session> {
  const { onEvent, signal } = options;
  let status = async (cloud: Cloud): Promise<LabStatus> => ({
    ready: false,
    api: null,
    tenants: rowsOf(cloud, []),
  });
  const lab = await startLab({ ...labOptions(options), status: (cloud) => status(cloud) });
  ends.push(lab.stop);
  const { cloud } = lab;
  const tenants = tenantsOf(cloud);
  onEvent({ kind: 'cloudUp', at: Date.now(), storedIn: options.keep });
  signal.throwIfAborted();
  fill(cloud, tenants, options);

  const runner = await startApp(cloud, options);
  if (runner !== undefined) ends.push(runner.stop);
  const client = createApiClient({ url: runner?.url ?? '', token: cloud.token });
  const watch =
    runner === undefined ? undefined : createSyncWatch({ tenants, client, onEvent, now: Date.now });
  const work = startWork({ cloud, tenants, watch, options });
  ends.push(work.stop);
  signal.throwIfAborted();

  const api = runner?.url;
  const syncs = (): readonly TenantSync[] => watch?.syncs() ?? [];
  status = async () => {
    await watch?.refresh();
    const ready = syncs().every(({ state, answer }) => state !== 'loading' && answer !== undefined);
    return { ready, api: api ?? null, tenants: rowsOf(cloud, syncs()) };
  };
  await watch?.start();
  return {
    api,
    tenants,
    rows: () => rowsOf(cloud, syncs()),
    syncs,
    settled: watch?.settled ?? Promise.resolve(),
    broken: Promise.race([work.broken, ...(runner === undefined ? [] : [runner.broken])]),
    newestIncident: ({ id }) => client.newestIncident(id),
    refresh: async () => watch?.refresh(),
    stop: ends.end,
    kill: () => runner?.kill(),
  };
}

function labOptions({
  tenants,
  seed,
  keep,
  files,
  onStop,
}: SessionOptions): Omit<Parameters<typeof startLab>[0], 'status'> {
  const { backfillDays, retentionDays } = files ?? {};
  return {
    tenants,
    seed,
    onStop,
    ...(keep === undefined ? {} : { keep }),
    ...(backfillDays === undefined ? {} : { backfillDays }),
    ...(retentionDays === undefined ? {} : { retentionDays }),
  };
}

function tenantsOf({ world }: Lab['cloud']): readonly SessionTenant[] {
  return world.tenants.map(({ id, name, api, credential }) => ({
    id,
    name,
    api,
    credential: credential.kind,
  }));
}

/** Gives every tenant its incidents: a generated past, those of files in its API's shape, or both. */
function fill(cloud: Cloud, tenants: readonly SessionTenant[], options: SessionOptions): void {
  const { history, files, onEvent } = options;
  const generated = history ? seedHistory(cloud.defender, tenants) : [];
  const served = new Map(tenants.map(({ id }, place) => [id, generated[place] ?? 0]));
  const withFiles = new Set<string>();
  for (const { family, text } of files?.incidents ?? []) {
    const tenant = tenants.find(({ api }) => api === family);
    if (tenant === undefined) continue;
    cloud.defender.tenant(tenant.id).loadRaw({ family, text });
    served.set(tenant.id, (served.get(tenant.id) ?? 0) + 1);
    withFiles.add(tenant.id);
  }
  for (const tenant of tenants) {
    const incidents = served.get(tenant.id) ?? 0;
    const from = !withFiles.has(tenant.id) ? 'generated' : history ? 'both' : 'files';
    onEvent({ kind: 'served', at: Date.now(), tenant, incidents, from });
  }
}

/** Runs the app, once it is certain that its traffic stays inside. */
async function startApp(cloud: Cloud, options: SessionOptions): Promise<RunnerProcess | undefined> {
  const { app, onEvent, signal } = options;
  if (app === undefined) return undefined;
  const env = processEnvironment(withLabPace(cloud.env), process.env);
  await probe({ execPath: process.execPath, env, refused: cloud.allRefused });
  onEvent({ kind: 'contained', at: Date.now() });
  signal.throwIfAborted();
  const runner = await startRunnerProcess({
    app: app.folder,
    port: app.port,
    env,
    onLog: (entry) => onEvent({ kind: 'said', at: Date.now(), entry }),
  });
  const { url, functions } = runner;
  onEvent({ kind: 'listening', at: Date.now(), url, functions });
  return runner;
}

/** What goes on beside the app: watching it, and changing incidents. */
function startWork(parts: {
  readonly cloud: Cloud;
  readonly tenants: readonly SessionTenant[];
  readonly watch: SyncWatch | undefined;
  readonly options: SessionOptions;
}): { readonly broken: Promise<Error>; stop(): void } {
  const { cloud, tenants, watch, options } = parts;
  const ending = new AbortController();
  const { signal } = ending;
  const onEvent: OnEvent = (event) => {
    if (!signal.aborted) options.onEvent(event);
  };
  const onChange = (tenant: SessionTenant, change: StreamChange): void => {
    watch?.expect(tenant, change);
    onEvent({ kind: 'changed', at: Date.now(), tenant, change });
  };
  const stream = async (): Promise<void> => {
    if (!options.stream) return;
    await watch?.settled;
    const random = createRandom(options.seed).fork('stream');
    await runStream({ defender: cloud.defender, tenants, random, signal, onChange });
  };
  const jobs = [watchCloud({ cloud, tenants, watch, onEvent, signal }), stream()];
  const broken = Promise.withResolvers<Error>();
  for (const job of jobs) {
    job.catch((error: unknown) => broken.resolve(error instanceof Error ? error : new Error(String(error))));
  }
  return {
    broken: broken.promise,
    // A question to the app that is under way ends with the app.
    stop: () => ending.abort(),
  };
}

async function watchCloud(parts: {
  readonly cloud: Cloud;
  readonly tenants: readonly SessionTenant[];
  readonly watch: SyncWatch | undefined;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { cloud, tenants, watch, onEvent, signal } = parts;
  const newRequests = followLog(cloud.log);
  const milestones = createMilestones({ world: cloud.world, tenants });
  const told = new Set<string>();
  while (await pause(TICK_MS, signal)) {
    const requests = newRequests();
    for (const event of milestones(requests, Date.now())) onEvent(event);
    for (const { target } of cloud.refused()) {
      if (told.has(target)) continue;
      told.add(target);
      onEvent({ kind: 'refused', at: Date.now(), target });
    }
    void watch?.tick(requests);
  }
}

function rowsOf(cloud: Cloud, syncs: readonly TenantSync[]): readonly TenantRow[] {
  return cloud.tenants().map(({ id, name, apiCalls, storageOps }) => {
    const answer = syncs.find(({ tenant }) => tenant.id === id)?.answer;
    return {
      id,
      name,
      incidents: answer?.incidents ?? null,
      versions: answer?.versions ?? null,
      apiCalls,
      storageOps,
    };
  });
}
