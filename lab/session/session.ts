import type { Cloud } from '../cloud.ts';
import { createEnds, type Ends } from '../ends.ts';
import { processEnvironment } from '../environment.ts';
import type { HuntFiles } from '../hunting/load-results.ts';
import { type Lab, startLab } from '../lab.ts';
import { probe } from '../probe.ts';
import { createApiClient } from './api-client.ts';
import { withLabPace } from './app-settings.ts';
import type { OnEvent, SessionTenant } from './events.ts';
import type { IncidentFiles } from './files.ts';
import { fill, fillHunts } from './fill.ts';
import { createHuntLog, type HuntLog, type TenantHunts } from './hunt-log.ts';
import { showHunts } from './hunts.ts';
import { type LabStatus, rowsOf, type TenantRow } from './rows.ts';
import { type RunnerProcess, startRunnerProcess } from './runner-process.ts';
import { createSyncWatch, type TenantSync } from './sync-watch.ts';
import { startWork } from './work.ts';

export interface SessionOptions {
  readonly tenants: number;
  readonly seed: number;
  /** Directory that keeps the storage; in memory when missing. */
  readonly keep?: string;
  /** Incidents to serve untouched; none when missing. */
  readonly files?: IncidentFiles;
  /** Answers of hunts to serve instead of generated ones; none when missing. */
  readonly hunts?: HuntFiles;
  /** Whether tenants get a generated past. */
  readonly history: boolean;
  /** Whether incidents keep changing once the first loads have ended. */
  readonly stream: boolean;
  /** Whether the app's scheduled hunts run, one of them at once. */
  readonly scheduledHunts: boolean;
  /** The app to run; none when missing. */
  readonly app?: { readonly folder: string; readonly port: number };
  readonly onEvent: OnEvent;
  /** Called when `outrider lab stop` is asked for. */
  readonly onStop: () => void;
  /** Gives the start up between its steps. */
  readonly signal: AbortSignal;
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
  /** What the app's scheduled hunts have found. */
  hunts(): readonly TenantHunts[];
  /**
   * Resolves when a scheduled hunt has run twice in the tenants that were loaded: with undefined, or with the reason
   * why it did not. At once without an app, or without scheduled hunts.
   */
  readonly huntsShown: Promise<string | undefined>;
  /** Why a scheduled query fails in a tenant, in the app's words; undefined when it does not say. */
  huntFailure(tenant: SessionTenant, queryId: string): Promise<string | undefined>;
  /** Resolves with the reason when the session cannot go on. */
  readonly broken: Promise<Error>;
  /** Id of an incident to look at. */
  newestIncident(tenant: SessionTenant): Promise<string | undefined>;
  /** Lets the app finish, then ends the cloud. Leaves nothing behind. May be called twice. */
  stop(): Promise<void>;
  /** Ends the app's process at once. */
  kill(): void;
}

/** Rows an hour that hunts find while the lab runs: a new one every other minute. */
const LIVE_FINDINGS = 30;

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
    tenants: rowsOf(cloud, [], []),
  });
  const lab = await startLab({ ...labOptions(options), status: (cloud) => status(cloud) });
  ends.push(lab.stop);
  const { cloud } = lab;
  const tenants = tenantsOf(cloud);
  onEvent({ kind: 'cloudUp', at: Date.now(), storedIn: options.keep });
  signal.throwIfAborted();
  fill(cloud, tenants, options);
  if (options.hunts) await fillHunts(cloud.defender.hunting, tenants, options.hunts, onEvent);

  const huntLog = createHuntLog({ tenants, onEvent, now: Date.now });
  const runner = await startApp(cloud, options, huntLog);
  if (runner !== undefined) ends.push(runner.stop);
  const client = createApiClient({ url: runner?.url ?? '', token: cloud.token });
  const watch =
    runner === undefined ? undefined : createSyncWatch({ tenants, client, onEvent, now: Date.now });
  const work = startWork({ cloud, tenants, watch, seed: options.seed, stream: options.stream, onEvent });
  ends.push(work.stop);
  const hunting = new AbortController();
  ends.push(() => hunting.abort());
  signal.throwIfAborted();

  const api = runner?.url;
  const syncs = (): readonly TenantSync[] => watch?.syncs() ?? [];
  status = async () => {
    await watch?.refresh();
    const ready = syncs().every(({ state, answer }) => state !== 'loading' && answer !== undefined);
    return { ready, api: api ?? null, tenants: rowsOf(cloud, syncs(), huntLog.hunts()) };
  };
  await watch?.start();
  const shown = Promise.withResolvers<string | undefined>();
  const startHunts = (): Promise<void> => {
    const loaded = (watch?.settled ?? Promise.resolve()).then(() =>
      syncs().flatMap(({ tenant, state }) => (state === 'current' ? [tenant] : [])),
    );
    const control = cloud.defender.hunting;
    const show = { tenants: loaded, client, control, log: huntLog, signal: hunting.signal, now: Date.now };
    return showHunts(show, (trouble) => {
      shown.resolve(trouble);
      if (trouble !== undefined) onEvent({ kind: 'noHunt', at: Date.now(), text: trouble });
    });
  };
  if (runner === undefined || !options.scheduledHunts) shown.resolve(undefined);
  else void startHunts();
  return {
    api,
    tenants,
    rows: () => rowsOf(cloud, syncs(), huntLog.hunts()),
    syncs,
    settled: watch?.settled ?? Promise.resolve(),
    broken: Promise.race([work.broken, ...(runner === undefined ? [] : [runner.broken])]),
    hunts: huntLog.hunts,
    huntsShown: shown.promise,
    async huntFailure({ id }, queryId) {
      const answer = await client.query(queryId).catch(() => undefined);
      return answer?.scheduled.find(({ tenantId }) => tenantId === id)?.failing?.text;
    },
    newestIncident: ({ id }) => client.newestIncident(id),
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
    defender: { huntLivePerHour: LIVE_FINDINGS },
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

/** Runs the app, once it is certain that its traffic stays inside. */
async function startApp(
  cloud: Cloud,
  options: SessionOptions,
  huntLog: HuntLog,
): Promise<RunnerProcess | undefined> {
  const { app, onEvent, signal } = options;
  if (app === undefined) return undefined;
  const env = processEnvironment(withLabPace(cloud.env, options), process.env);
  await probe({ execPath: process.execPath, env, refused: cloud.allRefused });
  onEvent({ kind: 'contained', at: Date.now() });
  signal.throwIfAborted();
  const runner = await startRunnerProcess({
    app: app.folder,
    port: app.port,
    env,
    onLog(entry) {
      onEvent({ kind: 'said', at: Date.now(), entry });
      huntLog.read(entry);
    },
  });
  const { url, functions } = runner;
  onEvent({ kind: 'listening', at: Date.now(), url, functions });
  return runner;
}
