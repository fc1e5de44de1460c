import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSystemClock } from './clock.ts';
import { readHostJson } from './host-json.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { type FunctionIndex, type IndexedFunction, indexFunctions } from './index-functions.ts';
import { createInvoker, type Invoker } from './invoker.ts';
import { loadApp } from './load-app.ts';
import type { Log } from './log.ts';
import { createLogFilter } from './log-filter.ts';
import { createQueueOutputs } from './queue-output.ts';
import { type QueueTriggers, startQueueTriggers } from './queue-triggers.ts';
import { messageOf, RunnerError } from './runner-error.ts';
import { createSettings, type Settings } from './settings.ts';
import { createStorage } from './storage.ts';
import { createTimerStatusStore, hostIdOf } from './timer-status.ts';
import { startTimerTrigger } from './timer-trigger.ts';
import { type AppLog, provideWorker, type Worker } from './worker-contract.ts';

/** How to run an app. */
export interface RunnerOptions {
  /** Folder of the packaged app: host.json, package.json and what its `main` names. */
  readonly app: string;
  /** Loopback port; 0 for any free one. */
  readonly port: number;
  /** App settings, as in Azure the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
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

/** A function as the ready line shows it. */
export interface FunctionSummary {
  readonly name: string;
  readonly trigger: 'http' | 'timer' | 'queue';
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly schedule?: string;
  readonly queue?: string;
}

const BODY_LIMIT = 104_857_600;

/**
 * Plays the Azure Functions host for one packaged app, in this process and once only.
 *
 * @throws RunnerError when host.json or the app cannot be loaded, no function is registered, or the port is taken.
 */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { log } = options;
  const clock = createSystemClock();
  const settings = createSettings(options.env);
  const host = await readHostJson(options.app, options.env);
  for (const message of host.warnings) log({ level: 'warning', source: 'runner', message });

  const isWritten = createLogFilter(host.logLevels);
  const worker = provideWorker((line) => {
    if (isWritten(categoryOf(line), line.level)) log(fromApp(line));
  });
  const index = await loadFunctions(options.app, worker, (functions) =>
    indexFunctions(functions, { host, settings }),
  );
  reportIndex(index, log);

  const storage = createStorage(settings);
  let queues: QueueTriggers | undefined;
  const sendOutputs = createQueueOutputs({
    storage,
    encoding: host.queues.messageEncoding,
    sent: (queueName) => queues?.notify(queueName),
  });
  const invoker = createInvoker({ worker, clock, log, timeoutMs: host.functionTimeoutMs, sendOutputs });
  const http = createHttpServer({
    clock,
    functions: index.functions,
    host,
    invoker,
    log,
    bodyLimit: bodyLimit(settings),
  });
  const url = await listen(http.server, options.port);

  const triggers = { clock, invoker, log, random: Math.random };
  const isQueue = (fn: IndexedFunction) => fn.trigger === 'queue';
  queues = startQueueTriggers(index.functions.filter(isQueue), {
    ...triggers,
    options: host.queues,
    storage,
  });
  const store = createTimerStatusStore({ storage, hostId: hostIdOf(settings), log });
  const timers = index.functions
    .filter((fn) => fn.trigger === 'timer')
    .map((fn) => startTimerTrigger({ ...triggers, fn, store }));

  const stopTriggers = () => Promise.all([queues?.stop(), ...timers.map((timer) => timer.stop())]);
  return {
    url,
    functions: index.functions.map((fn) => summaryOf(fn, host.routePrefix)),
    async stop(drainMs) {
      const drained = await drain({ http, invoker, stopTriggers, waited: clock.sleep(drainMs) });
      await worker.terminate().catch((error: unknown) => {
        log({
          level: 'error',
          source: 'runner',
          message: `an appTerminate hook failed: ${messageOf(error)}`,
        });
      });
      return drained;
    },
  };
}

async function loadFunctions(
  app: string,
  worker: Worker,
  index: (functions: ReturnType<Worker['functions']>) => FunctionIndex,
): Promise<FunctionIndex> {
  await loadApp(app);
  const { httpUri } = await worker.start(app);
  if (httpUri !== undefined) {
    throw new RunnerError('the app turned on enableHttpStream, which the local runner does not play');
  }
  if (worker.functions().length === 0) throw new RunnerError(`the app in ${app} registers no function`);
  return index(worker.functions());
}

function reportIndex(index: FunctionIndex, log: Log): void {
  for (const { name, reason } of index.failed) {
    log({ level: 'error', source: 'runner', functionName: name, message: `cannot run: ${reason}` });
  }
  for (const name of index.disabled)
    log({ level: 'information', source: 'runner', functionName: name, message: 'disabled' });
}

async function drain(work: {
  readonly http: HttpServer;
  readonly invoker: Invoker;
  readonly stopTriggers: () => Promise<unknown>;
  readonly waited: Promise<void>;
}): Promise<boolean> {
  work.http.server.close();
  work.http.server.closeIdleConnections();
  const finished = Promise.all([work.stopTriggers(), work.invoker.idle(), work.http.idle()]).then(() => true);
  const drained = await Promise.race([finished, work.waited.then(() => false)]);
  work.http.server.closeAllConnections();
  return drained;
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new RunnerError(`cannot listen on 127.0.0.1:${port}: ${messageOf(error)}`);
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function bodyLimit(settings: Settings): number {
  const limit = Number(settings.get('FUNCTIONS_REQUEST_BODY_SIZE_LIMIT') ?? BODY_LIMIT);
  if (!Number.isInteger(limit) || limit < 0)
    throw new RunnerError('FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is not a number of bytes');
  return limit;
}

/** As the host names the categories of what a worker logs. */
function categoryOf(line: AppLog): string {
  if (line.functionName === undefined) return 'Worker';
  return line.category === 'system' ? `Function.${line.functionName}` : `Function.${line.functionName}.User`;
}

function fromApp(line: AppLog): Parameters<Log>[0] {
  const { category, ...rest } = line;
  return { ...rest, source: category === 'system' ? 'library' : 'app' };
}

function summaryOf(fn: IndexedFunction, prefix: string): FunctionSummary {
  const { name, trigger } = fn;
  if (fn.trigger === 'timer') return { name, trigger, schedule: fn.schedule.text };
  if (fn.trigger === 'queue') return { name, trigger, queue: fn.queueName };
  const route = [prefix, fn.route.template].filter((part) => part !== '').join('/');
  return { name, trigger, route: `/${route}`, methods: fn.methods };
}
