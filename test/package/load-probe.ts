/**
 * Loads a packaged app in plain Node with `@azure/functions-core` supplied, as the Functions worker would, and
 * writes what the app did meanwhile to stdout as JSON: functions registered, settings read, input and output begun.
 * What Node's own module loader does for a `require` is not counted.
 *
 * usage: node load-probe.ts FILE
 */
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createRequire, registerHooks } from 'node:module';
import net from 'node:net';
import timers from 'node:timers';
import tls from 'node:tls';
import workerThreads from 'node:worker_threads';
import type { LoadReport } from './load-report.ts';

const [file = ''] = process.argv.slice(2);
const turn = setImmediate;
const write = process.stdout.write.bind(process.stdout);
const report: LoadReport = { functions: [], env: [], io: [] };

const CORE = 'data:text/javascript,functions-core';
const KEY = Symbol.for('outrider.test.core');
Object.assign(globalThis, {
  [KEY]: {
    setProgrammingModel: () => {},
    registerFunction: (metadata: LoadReport['functions'][number]) => report.functions.push(metadata),
    registerHook: () => {},
    log: () => {},
  },
});
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@azure/functions-core'
      ? { url: CORE, format: 'commonjs', shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url === CORE
      ? {
          format: 'commonjs',
          source: `module.exports = globalThis[Symbol.for('${KEY.description}')];`,
          shortCircuit: true,
        }
      : next(url, context),
});

/** True when the code that called is the app's, not Node's own. */
function isCalledByApp(): boolean {
  const caller = new Error().stack?.split('\n')[3] ?? '';
  return !/\(?node:/.test(caller);
}

function watchCalls(name: string, target: object): void {
  const members = target as Record<string, unknown>;
  for (const [member, value] of Object.entries(members)) {
    if (typeof value !== 'function' || /^[A-Z_]/.test(member)) continue;
    members[member] = function watched(this: unknown, ...args: unknown[]): unknown {
      if (isCalledByApp()) report.io.push(`${name}.${member}`);
      return Reflect.apply(value, this, args);
    };
  }
}

watchCalls('fs', fs);
watchCalls('fs.promises', fs.promises);
watchCalls('net', net);
watchCalls('tls', tls);
watchCalls('dns', dns);
watchCalls('dgram', dgram);
watchCalls('http', http);
watchCalls('https', https);
watchCalls('child_process', childProcess);
watchCalls('timers', timers);
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function watched(this: net.Socket, ...args: unknown[]): net.Socket {
  report.io.push('Socket.connect');
  return Reflect.apply(connect, this, args);
};
workerThreads.Worker = class extends workerThreads.Worker {
  constructor(...args: ConstructorParameters<typeof workerThreads.Worker>) {
    report.io.push('new Worker');
    super(...args);
  }
};
const { fetch, setTimeout, setInterval, setImmediate: later } = globalThis;
const globals = { fetch, setTimeout, setInterval, setImmediate: later };
watchCalls('global', globals);
Object.assign(globalThis, globals);
process.env = new Proxy(process.env, {
  get(target, name) {
    if (isCalledByApp()) report.env.push(String(name));
    return Reflect.get(target, name);
  },
  ownKeys(target) {
    if (isCalledByApp()) report.env.push('*');
    return Reflect.ownKeys(target);
  },
});

createRequire(file)(file);
// What was put off to a later turn shows now.
await new Promise<void>((resolve) => turn(() => turn(resolve)));
write(JSON.stringify(report));
