import { Console } from 'node:console';
import { format, parseArgs } from 'node:util';
import { createLog, type Log } from './log.ts';
import { messageOf } from './runner-error.ts';
import { type RunnerOptions, startRunner } from './start-runner.ts';

const USAGE = `Plays the Azure Functions host for a packaged app.

usage: node lab/runner/run.ts --app DIR [--port N] [--address-setting NAME] [--door URL] [--json-log]

  --app DIR               folder with host.json and package.json
  --port N                loopback port, 7071 when not given, 0 for any
  --address-setting NAME  app setting that is given the address at which the app runs
  --door URL              links of the app's pages to sign-in pages lead there (lab/entra/README.md)
  --json-log              log lines on stderr as JSON

App settings come from the environment. When ready, one JSON line goes to stdout.`;

const DEFAULT_PORT = 7071;
const DRAIN_MS = 10_000;

// stdout carries the ready line alone: an app that prints must not get in its way.
const writeOut = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const { values } = readArguments();
const port = Number(values.port ?? DEFAULT_PORT);
const isPort = Number.isInteger(port) && port >= 0 && port <= 65_535;
if (values.help === true || values.app === undefined || !isPort) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(values.help === true ? 0 : 2);
}
await run({ app: values.app, port, door: values.door, addressSetting: values['address-setting'] });

async function run(wanted: Omit<RunnerOptions, 'env' | 'log'>): Promise<void> {
  const json = values['json-log'] === true;
  const log = createLog({ json, now: () => Date.now(), write: (line) => void process.stderr.write(line) });
  captureConsole(log);
  try {
    const runner = await startRunner({ ...wanted, env: process.env, log });
    endWith(log, runner.stop);
    writeOut(`${JSON.stringify({ ready: true, url: runner.url, functions: runner.functions })}\n`);
  } catch (error) {
    const stack = error instanceof Error && error.cause instanceof Error ? error.cause.stack : undefined;
    log({
      level: 'critical',
      source: 'runner',
      message: `the app cannot be run: ${messageOf(error)}`,
      stack,
    });
    process.exit(1);
  }
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        app: { type: 'string' },
        port: { type: 'string' },
        'address-setting': { type: 'string' },
        door: { type: 'string' },
        'json-log': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${USAGE}\n`);
    process.exit(2);
  }
}

/** What the app prints becomes log lines, as in the host. */
function captureConsole(log: Log): void {
  const say =
    (level: 'information' | 'warning' | 'error') =>
    (...parts: unknown[]) =>
      log({ level, source: 'console', message: format(...parts) });
  Object.assign(console, new Console(process.stderr), {
    log: say('information'),
    info: say('information'),
    debug: say('information'),
    warn: say('warning'),
    error: say('error'),
  });
}

/** Signals drain and exit 0; an error outside every invocation ends the process, as it ends the real worker. */
function endWith(log: Log, stop: (drainMs: number) => Promise<boolean>): void {
  let ending = false;
  const end = async (signal: string) => {
    if (ending) return;
    ending = true;
    log({ level: 'information', source: 'runner', message: `${signal}: finishing what is under way` });
    const drained = await stop(DRAIN_MS);
    if (!drained)
      log({
        level: 'warning',
        source: 'runner',
        message: `gave up on what was under way after ${DRAIN_MS / 1000} s`,
      });
    process.exit(0);
  };
  process.on('SIGTERM', () => void end('SIGTERM'));
  process.on('SIGINT', () => void end('SIGINT'));
  process.on('uncaughtException', (error) => {
    const message = `the app threw outside of every invocation, which ends the worker: ${messageOf(error)}`;
    log({
      level: 'critical',
      source: 'runner',
      message,
      stack: error instanceof Error ? error.stack : undefined,
    });
    process.exit(1);
  });
}
