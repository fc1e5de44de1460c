import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { overrideHostJson } from './host-json-overrides.ts';
import { messageOf, RunnerError } from './runner-error.ts';
import { parseTimeSpan } from './time-span.ts';

/**
 * What the runner takes from host.json, defaults applied. Defaults and meaning:
 * https://learn.microsoft.com/azure/azure-functions/functions-host-json and, for queues,
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#host-json
 */
export interface HostJson {
  /** `extensions.http.routePrefix`, without slashes at its ends. Default `api`. */
  readonly routePrefix: string;
  /** `extensions.http.customHeaders`, added to every answer of an HTTP function. */
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly queues: QueueOptions;
  /** Longest run of a function in milliseconds. Default 30 minutes; undefined for `-1`, no limit. */
  readonly functionTimeoutMs: number | undefined;
  /** `functions`: the only functions to run; undefined for all. */
  readonly only: ReadonlySet<string> | undefined;
  /** `logging.logLevel`: the least level written, by category. */
  readonly logLevels: Readonly<Record<string, unknown>>;
  /** What is odd but harmless, as sentences. */
  readonly warnings: readonly string[];
}

/** `extensions.queues`. Times in milliseconds. */
export interface QueueOptions {
  /** Messages fetched at once, 1 to 32. Default 16. */
  readonly batchSize: number;
  /** A new batch is fetched when no more than this many messages are at work. Default half of batchSize. */
  readonly newBatchThreshold: number;
  /** How long a message stays hidden after a failed try. Default 0. */
  readonly visibilityTimeoutMs: number;
  /** Tries before a message goes to the poison queue. Default 5. */
  readonly maxDequeueCount: number;
  /** Longest wait between looks at an empty queue. Default a minute; two seconds in Development. */
  readonly maxPollingIntervalMs: number;
  /** Default `base64`. */
  readonly messageEncoding: 'base64' | 'none';
}

const KNOWN_KEYS: ReadonlySet<string> = new Set([
  '$schema',
  'version',
  'aggregator',
  'applicationInsights',
  'concurrency',
  'configurationProfile',
  'customHandler',
  'extensionBundle',
  'extensions',
  'functionTimeout',
  'functions',
  'healthMonitor',
  'id',
  'logging',
  'managedDependency',
  'retry',
  'sendGrid',
  'singleton',
  'telemetryMode',
  'watchDirectories',
  'watchFiles',
]);

const DEFAULT_FUNCTION_TIMEOUT = '00:30:00';

/**
 * Reads `host.json` of an app folder.
 *
 * @param env app settings: some replace values of host.json (host-json-overrides.ts), and polling waits are
 * shorter where AZURE_FUNCTIONS_ENVIRONMENT is `Development`.
 * @throws RunnerError when the file is missing, is not JSON, or holds a value the host refuses.
 */
export async function readHostJson(directory: string, env: Environment): Promise<HostJson> {
  const file = join(directory, 'host.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new RunnerError(`host.json cannot be read: ${messageOf(error)}`);
  });
  return parseHostJson(text, env);
}

type Environment = Readonly<Record<string, string | undefined>>;

/** As readHostJson, from the file's text. */
export function parseHostJson(text: string, env: Environment): HostJson {
  const root = overrideHostJson(parseObject(text), env);
  if (root.version !== '2.0') throw new RunnerError('host.json: "version" must be "2.0"');
  const development = env.AZURE_FUNCTIONS_ENVIRONMENT === 'Development';
  const extensions = section(root.extensions, 'extensions');
  const http = section(extensions.http, 'extensions.http');
  return {
    routePrefix: asText(http.routePrefix, 'extensions.http.routePrefix', 'api').replaceAll(/^\/+|\/+$/g, ''),
    customHeaders: section(http.customHeaders, 'extensions.http.customHeaders') as Record<string, string>,
    queues: queueOptions(section(extensions.queues, 'extensions.queues'), development),
    functionTimeoutMs: functionTimeout(root.functionTimeout),
    only: onlyFunctions(root.functions),
    logLevels: section(section(root.logging, 'logging').logLevel, 'logging.logLevel'),
    warnings: Object.keys(root)
      .filter((key) => !KNOWN_KEYS.has(key))
      .map((key) => `host.json: "${key}" is not a setting the host knows; it is ignored`),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return section(JSON.parse(text.replace(/^\uFEFF/, '')), 'the whole of it');
  } catch (error) {
    throw new RunnerError(`host.json is not valid: ${messageOf(error)}`);
  }
}

function queueOptions(queues: Record<string, unknown>, development: boolean): QueueOptions {
  const batchSize = asInteger(queues.batchSize, 'batchSize', 16, 1, 32);
  const encoding = asText(
    queues.messageEncoding,
    'extensions.queues.messageEncoding',
    'base64',
  ).toLowerCase();
  if (encoding !== 'base64' && encoding !== 'none') {
    throw new RunnerError(
      `host.json: extensions.queues.messageEncoding is "${encoding}", not base64 or none`,
    );
  }
  return {
    batchSize,
    newBatchThreshold: asInteger(queues.newBatchThreshold, 'newBatchThreshold', Math.floor(batchSize / 2), 0),
    visibilityTimeoutMs: asTimeSpan(
      queues.visibilityTimeout,
      'extensions.queues.visibilityTimeout',
      '00:00:00',
    ),
    maxDequeueCount: asInteger(queues.maxDequeueCount, 'maxDequeueCount', 5, 1),
    maxPollingIntervalMs: asTimeSpan(
      queues.maxPollingInterval,
      'extensions.queues.maxPollingInterval',
      development ? '00:00:02' : '00:01:00',
    ),
    messageEncoding: encoding,
  };
}

function functionTimeout(value: unknown): number | undefined {
  if (value === '-1') return undefined;
  return asTimeSpan(value ?? DEFAULT_FUNCTION_TIMEOUT, 'functionTimeout', DEFAULT_FUNCTION_TIMEOUT);
}

function onlyFunctions(value: unknown): ReadonlySet<string> | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return new Set(value.map(String));
}

function section(value: unknown, name: string): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new RunnerError(`host.json: ${name} is not an object`);
  return value as Record<string, unknown>;
}

function asText(value: unknown, name: string, fallback: string): string {
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'string') throw new RunnerError(`host.json: ${name} is not a string`);
  return value;
}

function asTimeSpan(value: unknown, name: string, fallback: string): number {
  try {
    return parseTimeSpan(asText(value, name, fallback));
  } catch (error) {
    throw new RunnerError(`host.json: ${name}: ${messageOf(error)}`);
  }
}

function asInteger(
  value: unknown,
  name: string,
  fallback: number,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new RunnerError(
      `host.json: extensions.queues.${name} is ${JSON.stringify(value)}, outside ${min} to ${max}`,
    );
  }
  return value;
}
