import type { HostJson } from './host-json.ts';
import { parseRoute, type Route } from './routes.ts';
import { messageOf, RunnerError } from './runner-error.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { resolveSettings, type Settings } from './settings.ts';
import { readStorageConnection } from './storage-connection.ts';
import { checkTimeZone } from './time-zone.ts';
import type { BindingInfo, RegisteredFunction } from './worker-contract.ts';

/** A registered function, its trigger read and its `%SETTING%`s resolved. */
export type IndexedFunction = HttpFunction | TimerFunction | QueueFunction;

interface FunctionBase {
  readonly name: string;
  readonly registered: RegisteredFunction;
  /** Name of the trigger's binding. */
  readonly binding: string;
  /** Storage queues the function writes to, by binding name; `$return` is its return value. */
  readonly outputs: ReadonlyMap<string, QueueOutput>;
}

export interface HttpFunction extends FunctionBase {
  readonly trigger: 'http';
  readonly route: Route;
  /** Upper case. */
  readonly methods: readonly string[];
}

export interface TimerFunction extends FunctionBase {
  readonly trigger: 'timer';
  readonly schedule: Schedule;
  readonly runOnStartup: boolean;
  /** Whether occurrences are kept over restarts. */
  readonly monitored: boolean;
}

export interface QueueFunction extends FunctionBase {
  readonly trigger: 'queue';
  readonly queueName: string;
  readonly connection: string;
  readonly binary: boolean;
}

export interface QueueOutput {
  readonly queueName: string;
  readonly connection: string;
}

/** A function that could not be indexed, and why; the others go on. */
export interface FailedFunction {
  readonly name: string;
  readonly reason: string;
}

export interface FunctionIndex {
  readonly functions: readonly IndexedFunction[];
  readonly failed: readonly FailedFunction[];
  readonly disabled: readonly string[];
}

const FUNCTION_NAME = /^[a-z][a-z0-9_-]{0,126}$/i;
const QUEUE_NAME = /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/;

/** Reads what the app registered. Functions are left out when host.json or `AzureWebJobs.<name>.Disabled` says so. */
export function indexFunctions(
  registered: readonly RegisteredFunction[],
  options: { readonly host: HostJson; readonly settings: Settings },
): FunctionIndex {
  const functions: IndexedFunction[] = [];
  const failed: FailedFunction[] = [];
  const disabled: string[] = [];
  for (const candidate of registered) {
    const { name } = candidate.metadata;
    if (isDisabled(name, options)) {
      disabled.push(name);
      continue;
    }
    try {
      functions.push(indexFunction(candidate, options.settings));
    } catch (error) {
      failed.push({ name, reason: messageOf(error) });
    }
  }
  return { functions, failed, disabled };
}

/** https://learn.microsoft.com/azure/azure-functions/disable-function */
function isDisabled(
  name: string,
  options: { readonly host: HostJson; readonly settings: Settings },
): boolean {
  if (options.host.only?.has(name) === false) return true;
  const value =
    options.settings.get(`AzureWebJobs.${name}.Disabled`) ??
    options.settings.get(`AzureWebJobs_${name}_Disabled`);
  return value === '1' || value?.toLowerCase() === 'true';
}

function indexFunction(registered: RegisteredFunction, settings: Settings): IndexedFunction {
  const { name, bindings } = registered.metadata;
  if (!FUNCTION_NAME.test(name))
    throw new RunnerError('its name is not a letter followed by letters, digits, - and _');
  const trigger = Object.entries(bindings).find(([, binding]) => /trigger$/i.test(binding.type));
  if (trigger === undefined) throw new RunnerError('it has no trigger');
  const [binding, info] = trigger;
  const base = { name, registered, binding, outputs: indexOutputs(bindings, binding, settings) };
  switch (info.type.toLowerCase()) {
    case 'httptrigger':
      return { ...base, trigger: 'http', ...httpTrigger(name, info, settings) };
    case 'timertrigger':
      return { ...base, trigger: 'timer', ...timerTrigger(info, settings) };
    case 'queuetrigger':
      return {
        ...base,
        trigger: 'queue',
        ...queueTarget(info, settings),
        binary: info.dataType === 'binary',
      };
    default:
      throw new RunnerError(
        `its trigger ${info.type} is not one the local runner plays (http, timer and queue are)`,
      );
  }
}

function indexOutputs(
  bindings: RegisteredFunction['metadata']['bindings'],
  trigger: string,
  settings: Settings,
): ReadonlyMap<string, QueueOutput> {
  const outputs = new Map<string, QueueOutput>();
  for (const [name, binding] of Object.entries(bindings)) {
    if (name === trigger || binding.type === 'http') continue;
    if (binding.direction !== 'out' || binding.type !== 'queue') {
      throw new RunnerError(
        `its ${binding.type} ${binding.direction} binding is not one the local runner plays`,
      );
    }
    outputs.set(name, queueTarget(binding, settings));
  }
  return outputs;
}

function httpTrigger(
  name: string,
  info: BindingInfo,
  settings: Settings,
): Pick<HttpFunction, 'route' | 'methods'> {
  const route = resolveSettings(textOption(info, 'route') ?? name, 'route', settings);
  const methods = Array.isArray(info.methods)
    ? info.methods.map((method) => String(method).toUpperCase())
    : [];
  return { route: parseRoute(route), methods };
}

function timerTrigger(
  info: BindingInfo,
  settings: Settings,
): Pick<TimerFunction, 'schedule' | 'runOnStartup' | 'monitored'> {
  const timeZone = settings.get('WEBSITE_TIME_ZONE');
  if (timeZone !== undefined) checkTimeZone(timeZone);
  const schedule = parseSchedule(
    resolveSettings(textOption(info, 'schedule') ?? '', 'schedule', settings),
    timeZone,
  );
  return {
    schedule,
    runOnStartup: info.runOnStartup === true,
    monitored: schedule.monitored && info.useMonitor !== false,
  };
}

function queueTarget(info: BindingInfo, settings: Settings): QueueOutput {
  const queueName = resolveSettings(textOption(info, 'queueName') ?? '', 'queueName', settings).toLowerCase();
  if (!QUEUE_NAME.test(queueName)) {
    throw new RunnerError(
      `its queue "${queueName}" is not a queue name: 3 to 63 of a-z, 0-9 and single dashes`,
    );
  }
  const connection = resolveSettings(
    textOption(info, 'connection') || 'AzureWebJobsStorage',
    'connection',
    settings,
  );
  // As in the host, a function whose connection is not configured is not indexed.
  readStorageConnection(settings, connection);
  return { queueName, connection };
}

function textOption(info: BindingInfo, option: string): string | undefined {
  const value = info[option];
  return typeof value === 'string' ? value : undefined;
}
