import { resolve } from 'node:path';
import { createSystemClock, type RunnerClock } from './clock.ts';
import { type FunctionSummary, summaryOf } from './function-summary.ts';
import { readHostJson } from './host-json.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { type FunctionIndex, indexFunctions } from './index-functions.ts';
import { createInvoker, type Invoker } from './invoker.ts';
import { type ListeningServer, listenForApp } from './listen.ts';
import { loadApp } from './load-app.ts';
import type { Log } from './log.ts';
import { createQueueOutputs } from './queue-output.ts';
import { messageOf, RunnerError } from './runner-error.ts';
import { createSettings, type Settings } from './settings.ts';
import { startTriggers, type Triggers } from './start-triggers.ts';
import { createStorage } from './storage.ts';
import { provideWorker, type RegisteredFunction, type Worker } from './worker-contract.ts';
import { createWorkerLog } from './worker-log.ts';

/** How to run an app. */
export interface RunnerOptions {
  /** Folder of the packaged app: host.json, package.json and what its `main` names. */
  readonly app: string;
  /** Loopback port; 0 for any free one. */
  readonly port: number;
  /** App settings, as in Azure the environment: that of this process, which the app reads as well. */
  readonly env: Record<string, string | undefined>;
  /** App setting that is given the address at which the app runs; none when missing. */
  readonly addressSetting?: string | undefined;
  /** Where pages of the app lead to for sign-in; see lab/entra/door.ts. */
  readonly door?: string | undefined;
  readonly log: Log;
}

/** A running app. */
export interface Runner {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** What runs; functions that could not be indexed are in the log. */
  readonly functions: readonly FunctionSummary[];
  /**
   * Takes no new work, waits up to `drainMs` for what is under way, runs the appTerminate hooks.
   *
   * @returns false when work was still under way.
   */
  stop(drainMs: number): Promise<boolean>;
}

const BODY_LIMIT = 104_857_600;

/**
 * Plays the Azure Functions host for one packaged app, in this process and once only.
 *
 * @throws RunnerError when host.json or the app cannot be loaded, no function is registered, or the port is taken.
 */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { log, door, addressSetting } = options;
  const listening = await listenForApp(options.port);
  const { url } = listening;
  if (addressSetting !== undefined) options.env[addressSetting] = url;
  const clock = createSystemClock();
  const settings = createSettings(options.env);
  const host = await readHostJson(options.app, options.env);
  for (const message of host.warnings) log({ level: 'warning', source: 'runner', message });

  const worker = provideWorker(createWorkerLog(log, host.logLevels));
  const registered = await loadFunctions(resolve(options.app), worker);
  const index = indexFunctions(registered, { host, settings });
  reportIndex(index, log);

  const { functions } = index;
  const storage = createStorage(settings);
  let triggers: Triggers | undefined;
  const sendOutputs = createQueueOutputs({
    storage,
    encoding: host.queues.messageEncoding,
    sent: (queueName) => triggers?.notify(queueName),
  });
  const invoker = createInvoker({ worker, clock, log, timeoutMs: host.functionTimeoutMs, sendOutputs });
  const shared = { functions, host, invoker, clock, log };
  const http = createHttpServer({ ...shared, bodyLimit: bodyLimit(settings), door });
  listening.serve(http.listener);
  triggers = startTriggers({ ...shared, settings, storage });

  return {
    url,
    functions: functions.map((fn) => summaryOf(fn, host.routePrefix)),
    async stop(drainMs) {
      const drained = await drain({ listening, http, invoker, triggers, clock, drainMs });
      await worker.terminate().catch((error: unknown) => {
        const message = `an appTerminate hook failed: ${messageOf(error)}`;
        log({ level: 'error', source: 'runner', message });
      });
      return drained;
    },
  };
}

async function loadFunctions(directory: string, worker: Worker): Promise<readonly RegisteredFunction[]> {
  await loadApp(directory);
  const { httpUri } = await worker.start(directory);
  if (httpUri !== undefined) {
    throw new RunnerError('the app turned on enableHttpStream, which the local runner does not play');
  }
  const functions = worker.functions();
  if (functions.length === 0) throw new RunnerError(`the app in ${directory} registers no function`);
  return functions;
}

function reportIndex(index: FunctionIndex, log: Log): void {
  for (const { name, reason } of index.failed) {
    log({ level: 'error', source: 'runner', functionName: name, message: `cannot run: ${reason}` });
  }
  for (const name of index.disabled) {
    log({ level: 'information', source: 'runner', functionName: name, message: 'disabled' });
  }
}

async function drain(work: {
  readonly listening: ListeningServer;
  readonly http: HttpServer;
  readonly invoker: Invoker;
  readonly triggers: Triggers | undefined;
  readonly clock: RunnerClock;
  readonly drainMs: number;
}): Promise<boolean> {
  const { http, invoker, triggers, clock } = work;
  const { server } = work.listening;
  const done = new AbortController();
  server.close();
  const finished = Promise.all([triggers?.stop(), invoker.idle(), http.idle()]).then(() => true);
  const drained = await Promise.race([finished, clock.sleep(work.drainMs, done.signal).then(() => false)]);
  done.abort();
  server.closeAllConnections();
  return drained;
}

function bodyLimit(settings: Settings): number {
  const limit = Number(settings.get('FUNCTIONS_REQUEST_BODY_SIZE_LIMIT') ?? BODY_LIMIT);
  if (!Number.isInteger(limit) || limit < 0) {
    throw new RunnerError('FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is not a number of bytes');
  }
  return limit;
}
