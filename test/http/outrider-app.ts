import { builtApp } from '../../cli/commands/lab/built-app.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../lab/cloud.ts';
import { processEnvironment } from '../../lab/environment.ts';
import type { FunctionSummary } from '../../lab/runner/function-summary.ts';
import type { LogEntry } from '../../lab/runner/log.ts';
import type { SyncStatus } from '../../shared/incidents/status.ts';
import { runApp, waitFor } from '../lab/runner/run-app.ts';

/** An answer of the app, its body read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; fails the test when it is none. */
  json<Body = Record<string, unknown>>(): Body;
}

export interface CallOptions {
  readonly method?: string;
  /** App roles of the caller's token; no `authorization` header when missing. */
  readonly roles?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text or bytes as they are. */
  readonly body?: object | string | Uint8Array<ArrayBuffer> | undefined;
}

/** Over host.json, as in Azure: an idle queue is looked at again soon, so that tests need not wait. */
const POLL_OFTEN = { AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.2' };
/** So that no scheduled hunt comes in between; a test that wants one asks for it by the host's admin API. */
const NO_TIMER = { 'AzureWebJobs.enqueue-due-hunts.Disabled': 'true' };

/** Outrider as it is deployed, run by the local runner in an offline cloud of its own. */
export interface OutriderApp {
  readonly cloud: Cloud;
  readonly url: string;
  readonly functions: readonly FunctionSummary[];
  readonly log: readonly LogEntry[];
  /** The first line of the log with this text, once it is there. */
  logged(text: string): Promise<LogEntry>;
  /** A path, or an address that the app gave. */
  call(path: string, options?: CallOptions): Promise<Answer>;
  /** Asks for a run of the tenant's sync and waits until nothing is left to load. */
  sync(tenantId: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param options.directory folder of a packaged app; default `dist/app`, built when it is older than its sources
 * @param options.settings over those of the lab; called once the cloud and its ids are known
 */
export async function startOutrider(
  options: {
    readonly directory?: string;
    readonly cloud?: CloudOptions;
    readonly settings?: (cloud: Cloud) => Readonly<Record<string, string>>;
  } = {},
): Promise<OutriderApp> {
  const directory = options.directory ?? (await builtApp(() => undefined));
  const cloud = await startCloud(options.cloud);
  const settings = { ...cloud.env, ...POLL_OFTEN, ...NO_TIMER, ...options.settings?.(cloud) };
  const env = processEnvironment(settings, process.env);
  const running = await runApp(directory, env).catch(async (error: unknown) => {
    await cloud.stop();
    throw error;
  });
  const { url } = running.ready;

  async function call(
    path: string,
    { method = 'GET', roles, headers = {}, body }: CallOptions = {},
  ): Promise<Answer> {
    const authorization = roles && { authorization: `Bearer ${await cloud.token(roles)}` };
    const response = await fetch(new URL(path, url), {
      method,
      headers: { ...authorization, ...headers },
      ...(body === undefined ? {} : { body: bytesOf(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
  }

  return {
    cloud,
    url,
    functions: running.ready.functions as unknown as readonly FunctionSummary[],
    log: running.log,
    logged: (text) => running.entry(({ message }) => message.includes(text)),
    call,
    async sync(tenantId) {
      const started = await call(`/api/tenants/${tenantId}/incidents/sync`, {
        method: 'POST',
        roles: ['Incidents.Sync'],
      });
      if (started.status !== 202) throw new Error(`no sync: ${started.text}\n${JSON.stringify(running.log)}`);
      let seen = '';
      await waitFor(
        async () => {
          seen = (await call(`/api/tenants/${tenantId}/sync`, { roles: ['Incidents.Read'] })).text;
          const { state, run, backlog, failing } = JSON.parse(seen) as Partial<SyncStatus>;
          if (failing) throw new Error(`the sync fails: ${seen}`);
          return (state === 'current' && backlog === 0 && run === undefined) || undefined;
        },
        () => seen,
      );
    },
    async stop() {
      await running.stop();
      await cloud.stop();
    },
  };
}

function bytesOf(body: NonNullable<CallOptions['body']>): string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
}
