/**
 * The undocumented contract between `@azure/functions` 4.16.5 and the Node.js worker, kept in this one file:
 * the module `@azure/functions-core` that the worker supplies, and the calls that turn a host's request into
 * a handler's arguments and its result back into the host's terms. Shapes are those of the worker's public
 * type declarations (azure-functions-nodejs-worker, types-core/index.d.ts).
 */
import { randomUUID } from 'node:crypto';
import { registerHooks } from 'node:module';
import { RunnerError } from './runner-error.ts';

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';
export type LogCategory = 'user' | 'system' | 'customMetric';

/** A value on its way between host and worker; exactly one member is set. */
export interface TypedData {
  readonly string?: string | null;
  readonly json?: string | null;
  readonly bytes?: Uint8Array | null;
  readonly int?: number | null;
  readonly double?: number | null;
  readonly http?: HttpData | null;
}

/** An HTTP request (towards the worker) or response (back). */
export interface HttpData {
  readonly method?: string;
  readonly url?: string;
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: TypedData | null;
  readonly cookies?: readonly HttpCookie[];
  readonly nullableHeaders?: Readonly<Record<string, Nullable<string>>>;
  readonly nullableParams?: Readonly<Record<string, Nullable<string>>>;
  readonly nullableQuery?: Readonly<Record<string, Nullable<string>>>;
}

export interface HttpCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: Nullable<string> | undefined;
  readonly path?: Nullable<string> | undefined;
  /** Seconds since 1970 UTC. */
  readonly expires?: Nullable<{ readonly seconds: number }> | undefined;
  readonly secure?: Nullable<boolean> | undefined;
  readonly httpOnly?: Nullable<boolean> | undefined;
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone' | undefined;
  readonly maxAge?: Nullable<number> | undefined;
}

export interface Nullable<T> {
  readonly value: T;
}

/** A trigger, input or output as the app registered it, with the options of its type. */
export interface BindingInfo {
  readonly type: string;
  readonly direction: 'in' | 'out' | 'inout';
  readonly [option: string]: unknown;
}

export interface RetryOptions {
  readonly retryStrategy: 'fixedDelay' | 'exponentialBackoff';
  /** -1 for no limit. */
  readonly maxRetryCount: number;
  readonly delayInterval?: { readonly seconds: number };
  readonly minimumInterval?: { readonly seconds: number };
  readonly maximumInterval?: { readonly seconds: number };
}

/** A function as `app.http(…)` and its kin register it. */
export interface RegisteredFunction {
  readonly metadata: {
    readonly name: string;
    readonly bindings: Readonly<Record<string, BindingInfo>>;
    readonly retryOptions?: RetryOptions | undefined;
  };
  readonly callback: (...args: unknown[]) => unknown;
}

/** What the host sends to run a function once. */
export interface InvocationRequest {
  readonly invocationId: string;
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly traceContext: { readonly traceParent: string; readonly traceState: string };
  readonly retryContext?: RetryContext | undefined;
}

export interface RetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception?: { readonly message: string };
}

/** What the worker answers. */
export interface InvocationResponse {
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[] | null;
  readonly returnValue?: TypedData | null;
}

/** A line that the app or the library logs. */
export interface AppLog {
  readonly level: LogLevel;
  readonly category: LogCategory;
  readonly message: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}

/** The app once its files have been loaded. */
export interface Worker {
  functions(): readonly RegisteredFunction[];
  /**
   * Ends registration, runs the appStart hooks and settles the library's options.
   *
   * @returns where the library itself listens for HTTP when the app enabled HTTP streams.
   */
  start(directory: string): Promise<{ readonly httpUri: string | undefined }>;
  /** Runs a function once, hooks included. Throws what the handler, a hook or a conversion throws. */
  invoke(fn: RegisteredFunction, request: InvocationRequest): Promise<InvocationResponse>;
  /** Runs the appTerminate hooks. */
  terminate(): Promise<void>;
}

interface ProgrammingModel {
  getInvocationModel(context: unknown): InvocationModel;
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: unknown): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

type Hook = (context: object) => unknown;

const CORE_MODULE = '@azure/functions-core';
const CORE_URL = 'data:text/javascript,outrider-lab-functions-core';
const CORE_KEY = Symbol.for('outrider.lab.functionsCore');
const HOOK_NAMES: ReadonlySet<string> = new Set([
  'appStart',
  'appTerminate',
  'preInvocation',
  'postInvocation',
  'log',
]);

/**
 * Supplies `@azure/functions-core` to whatever this process loads from now on and collects what the app
 * registers with it. Once in a process: the library keeps the first module it is given.
 */
export function provideWorker(log: (line: AppLog) => void): Worker {
  if (CORE_KEY in globalThis) throw new RunnerError('one process can hold one function app only');
  const functions: RegisteredFunction[] = [];
  const hooks: { readonly name: string; readonly callback: Hook }[] = [];
  const appHookData = {};
  const appLevelHookData = {};
  let model: ProgrammingModel | undefined;
  let started = false;

  const core = {
    version: '3.9.1',
    hostVersion: '4.1036.0',
    setProgrammingModel: (value: ProgrammingModel) => {
      model = value;
    },
    getProgrammingModel: () => model,
    registerFunction: (
      metadata: RegisteredFunction['metadata'],
      callback: RegisteredFunction['callback'],
    ) => {
      if (started) throw new RunnerError('A function can only be registered during app startup.');
      if (functions.some((other) => other.metadata.name === metadata.name)) {
        throw new RunnerError(`A function with the name "${metadata.name}" is already registered.`);
      }
      const registered = { metadata, callback };
      functions.push(registered);
      return disposable(() => remove(functions, registered));
    },
    registerHook: (name: string, callback: Hook) => {
      if (!HOOK_NAMES.has(name)) throw new RangeError(`Unrecognized hook "${name}"`);
      const hook = { name, callback };
      hooks.push(hook);
      return disposable(() => remove(hooks, hook));
    },
    log: (level: LogLevel, category: LogCategory, message: string) =>
      writeLog({ level, category, message }, undefined),
  };
  Object.defineProperty(globalThis, CORE_KEY, { value: core });
  supplyModule();

  return {
    functions: () => functions,
    async start(directory) {
      await runHooks('appStart', {
        hookData: appLevelHookData,
        appHookData,
        functionAppDirectory: directory,
      });
      started = true;
      const capabilities = await model?.getCapabilities?.({});
      return { httpUri: capabilities?.HttpUri };
    },
    invoke,
    terminate: () => runHooks('appTerminate', { hookData: appLevelHookData, appHookData }),
  };

  async function invoke(fn: RegisteredFunction, request: InvocationRequest): Promise<InvocationResponse> {
    if (model === undefined) throw new RunnerError('the app has not set a programming model');
    const { name } = fn.metadata;
    let invocationContext: unknown;
    const coreContext = {
      invocationId: request.invocationId,
      request: { functionId: name, ...request },
      metadata: fn.metadata,
      state: undefined as string | undefined,
      log: (level: LogLevel, category: LogCategory, message: string) =>
        writeLog(
          { level, category, message, functionName: name, invocationId: request.invocationId },
          invocationContext,
        ),
    };
    const invocation = model.getInvocationModel(coreContext);
    const { context, inputs } = await invocation.getArguments();
    invocationContext = context;
    const shared = { hookData: {}, appHookData, invocationContext: context };

    const before = { ...shared, functionCallback: fn.callback as unknown, inputs };
    coreContext.state = 'preInvocationHooks';
    await runHooks('preInvocation', before);

    const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
    coreContext.state = 'invocation';
    try {
      after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error ?? new Error('the handler threw nothing');
    }
    coreContext.state = 'postInvocationHooks';
    await runHooks('postInvocation', after);
    coreContext.state = undefined;
    if (after.error !== null && after.error !== undefined) throw after.error;
    return invocation.getResponse(context, after.result);
  }

  async function runHooks(name: string, context: object): Promise<void> {
    for (const hook of [...hooks]) if (hook.name === name) await hook.callback(context);
  }

  function writeLog(line: AppLog, invocationContext: unknown): void {
    const context = { hookData: {}, appHookData, ...line, invocationContext };
    for (const hook of hooks) if (hook.name === 'log') hook.callback(context);
    log({ ...line, level: context.level, message: context.message });
  }
}

/** A new invocation's trace context, the caller's when it sent one (W3C Trace Context). */
export function traceContextFrom(
  traceParent: string | undefined,
  traceState = '',
): InvocationRequest['traceContext'] {
  const id = randomUUID().replaceAll('-', '');
  const span = randomUUID().replaceAll('-', '').slice(0, 16);
  return { traceParent: traceParent ?? `00-${id}-${span}-00`, traceState };
}

function supplyModule(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === CORE_MODULE
        ? { url: CORE_URL, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url === CORE_URL
        ? {
            format: 'commonjs',
            source: `module.exports = globalThis[Symbol.for('${CORE_KEY.description}')];`,
            shortCircuit: true,
          }
        : next(url, context),
  });
}

function disposable(dispose: () => void): { dispose(): void } {
  return { dispose };
}

function remove<T>(list: T[], item: T): void {
  const position = list.indexOf(item);
  if (position >= 0) list.splice(position, 1);
}
