import type { Cloud } from '../cloud.ts';
import { REQUIRED, rolesByResource } from '../directory-permissions.ts';
import { createEnds, type Ends } from '../ends.ts';
import { findApp } from '../entra/directory.ts';
import type { HuntFiles } from '../hunting/load-results.ts';
import { startLab } from '../lab.ts';
import type { World } from '../world.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { ADDRESS_SETTING } from './app-settings.ts';
import type { OnEvent, SessionTenant } from './events.ts';
import type { IncidentFiles } from './files.ts';
import { fill, fillHunts } from './fill.ts';
import { createHuntLog, type TenantHunts } from './hunt-log.ts';
import { type ShowHuntsOptions, showHunts } from './hunts.ts';
import { createJoinWatch, type JoinWatch } from './join.ts';
import { createPreflightLog } from './preflight-log.ts';
import { createRestLog } from './rest-log.ts';
import { createRoster } from './roster.ts';
import { type LabStatus, rowsOf, type TenantRow } from './rows.ts';
import { startApp } from './start-app.ts';
import { createSyncWatch, type SyncWatch, type TenantSync } from './sync-watch.ts';
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
  /** The customers, with those that have joined since the start. */
  readonly tenants: readonly SessionTenant[];
  /** A directory that could be invited, and the app that its admin then consents to. */
  readonly prospect: World['prospect'] & { readonly clientId: string };
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
    tenants: rowsOf(cloud, customersOf(cloud.world), [], []),
  });
  let api: string | undefined;
  const lab = await startLab({
    ...labOptions(options),
    status: (cloud) => status(cloud),
    env: (cloud) => ({ ...cloud.env, ...(api === undefined ? {} : { [ADDRESS_SETTING]: api }) }),
  });
  ends.push(lab.stop);
  const { cloud } = lab;
  const tenants = createRoster(customersOf(cloud.world));
  onEvent({ kind: 'cloudUp', at: Date.now(), storedIn: options.keep });
  signal.throwIfAborted();
  fill(cloud, tenants.all(), options);
  if (options.hunts) await fillHunts(cloud.defender.hunting, tenants.all(), options.hunts, onEvent);

  const huntLog = createHuntLog({ tenants, onEvent, now: Date.now });
  const preflightLog = createPreflightLog({ tenants, onEvent, now: Date.now });
  let joining: JoinWatch | undefined;
  let watch: SyncWatch | undefined;
  const restLog = createRestLog((tenantId, rest) => watch?.rest(tenantId, rest));
  const runner = await startApp(cloud, options, (entry) => {
    huntLog.read(entry);
    preflightLog.read(entry);
    joining?.read(entry);
    restLog.read(entry);
  });
  if (runner !== undefined) ends.push(runner.stop);
  api = runner?.url;
  const client = createApiClient({ url: runner?.url ?? '', token: cloud.token });
  if (runner !== undefined)
    watch = createSyncWatch({ tenants: tenants.all(), client, onEvent, now: Date.now });
  const work = startWork({ cloud, tenants, watch, seed: options.seed, stream: options.stream, onEvent });
  ends.push(work.stop);
  const hunting = new AbortController();
  ends.push(() => hunting.abort());
  signal.throwIfAborted();

  const syncs = (): readonly TenantSync[] => watch?.syncs() ?? [];
  const rows = (): readonly TenantRow[] => rowsOf(cloud, tenants.all(), syncs(), huntLog.hunts());
  status = async () => {
    await watch?.refresh();
    const ready = syncs().every(
      ({ state, answer, rest }) => rest !== undefined || (state !== 'loading' && answer !== undefined),
    );
    return { ready, api: api ?? null, tenants: rows() };
  };
  joining = createJoinWatch({
    prospect: cloud.world.prospect,
    client,
    onJoined(tenant, how) {
      if (how === 'kept') consentAgain(cloud, tenant);
      tenants.join(tenant);
      onEvent({ kind: 'joined', at: Date.now(), tenant, how });
      watch?.add(tenant);
    },
  });
  if (runner !== undefined && options.keep !== undefined) await joining.look();
  await watch?.start();
  const settled = watch?.settled ?? Promise.resolve();
  const loaded = async (): Promise<readonly SessionTenant[]> => {
    await settled;
    return syncs().flatMap(({ tenant, state }) => (state === 'current' ? [tenant] : []));
  };
  const control = cloud.defender.hunting;
  const show = { tenants: loaded, client, control, log: huntLog, signal: hunting.signal, now: Date.now };
  const hasHunts = runner !== undefined && options.scheduledHunts;
  return {
    api,
    get tenants() {
      return tenants.all();
    },
    prospect: { ...cloud.world.prospect, clientId: cloud.world.reader.clientId },
    rows,
    syncs,
    settled,
    broken: Promise.race([work.broken, ...(runner === undefined ? [] : [runner.broken])]),
    hunts: huntLog.hunts,
    huntsShown: hasHunts ? firstHunts(show, onEvent) : Promise.resolve(undefined),
    huntFailure: ({ id }, queryId) => huntFailure(client, id, queryId),
    newestIncident: ({ id }) => client.newestIncident(id),
    stop: ends.end,
    kill: () => runner?.kill(),
  };
}

/** Has hunts shown from now on. @returns when the first ones have run, or why they have not */
function firstHunts(show: ShowHuntsOptions, onEvent: OnEvent): Promise<string | undefined> {
  return new Promise((resolve) => {
    void showHunts(show, (trouble) => {
      resolve(trouble);
      if (trouble !== undefined) onEvent({ kind: 'noHunt', at: Date.now(), text: trouble });
    });
  });
}

async function huntFailure(
  client: Pick<ApiClient, 'query'>,
  tenant: string,
  queryId: string,
): Promise<string | undefined> {
  const answer = await client.query(queryId).catch(() => undefined);
  return answer?.scheduled.find(({ tenantId }) => tenantId === tenant)?.failing?.text;
}

/** Storage that was kept knows of a consent that the directory, new with each start, does not. */
function consentAgain({ directory, world }: Cloud, { id }: SessionTenant): void {
  const reader = findApp(directory, world.reader.clientId);
  if (reader !== undefined) reader.grants[id] = rolesByResource(REQUIRED.reader);
}

function labOptions({
  tenants,
  seed,
  keep,
  files,
  onStop,
}: SessionOptions): Omit<Parameters<typeof startLab>[0], 'status' | 'env'> {
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

function customersOf({ tenants }: World): readonly SessionTenant[] {
  return tenants.map(({ id, name, api, credential }) => ({
    id,
    name,
    api,
    credential: credential.kind,
  }));
}
