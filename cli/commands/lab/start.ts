import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRunningLab } from '../../../lab/control/state-file.ts';
import { type IncidentFiles, readIncidentFiles } from '../../../lab/session/files.ts';
import { type Session, startSession } from '../../../lab/session/session.ts';
import { CommandFailure, EXIT, fail } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';
import { createScreen } from '../../output/screen.ts';
import { builtApp } from './built-app.ts';
import { checkPort } from './check-port.ts';
import { createInterrupt, type Interrupt } from './interrupt.ts';
import { createReport, type Report } from './report.ts';

export interface LabStartOptions {
  readonly incidents: readonly string[];
  readonly stream?: boolean;
  readonly tenants: number;
  readonly port: number;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly keep?: string;
  readonly seed: number;
  readonly cloudOnly?: boolean;
  readonly verbose?: boolean;
}

const ONCE_LIMIT_MS = 10 * 60_000;
/** Bash's code for a program that Ctrl-C has ended. */
const FORCED = 130;

/** Starts a lab; returns when it has ended and nothing of it is left. */
export async function startLabCommand(options: LabStartOptions): Promise<void> {
  const startedAt = Date.now();
  await refuseNonsense(options);
  // With --json stdout belongs to the program that reads it.
  const screen = createScreen(options.json ? process.stderr : process.stdout);
  const report = createReport({ screen, startedAt, verbose: options.verbose === true });
  let session: Session | undefined;
  const interrupt = createInterrupt(() => {
    session?.kill();
    process.exit(FORCED);
  });
  try {
    report.title();
    session = await start(options, report, interrupt);
    if (options.once) await once(session, { options, report, interrupt, startedAt });
    else await keepRunning(session, report, interrupt);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    if (options.once) process.exitCode = EXIT.no;
  } finally {
    report.ending(interrupt.signal.aborted);
    await session?.stop();
    report.ended();
    interrupt.dispose();
  }
}

async function refuseNonsense({ json, once, cloudOnly, port }: LabStartOptions): Promise<void> {
  if (json && !once)
    fail(EXIT.usage, 'lab: --json is for --once; a running lab tells by `outrider lab status --json`.');
  if (once && cloudOnly)
    fail(EXIT.usage, 'lab: --once loads the tenants, and --cloud-only starts nothing that could.');
  const running = await readRunningLab();
  if (running !== undefined) {
    fail(
      EXIT.usage,
      `A lab is already running (process ${running.pid}); end it with \`outrider lab stop\` first.`,
    );
  }
  if (!cloudOnly) await checkPort(port);
}

async function start(options: LabStartOptions, report: Report, interrupt: Interrupt): Promise<Session> {
  const { tenants, seed, port, cloudOnly, keep, incidents, once } = options;
  const files = incidents.length === 0 ? undefined : await readFiles(options);
  const folder = cloudOnly ? undefined : await builtApp(() => report.say('Building the app'));
  interrupt.signal.throwIfAborted();
  const generated = files === undefined || options.stream === true;
  return startSession({
    tenants,
    seed,
    history: generated,
    stream: generated && !once,
    ...(keep === undefined ? {} : { keep: resolve(keep) }),
    ...(files === undefined ? {} : { files }),
    ...(folder === undefined ? {} : { app: { folder, port } }),
    onEvent: report.event,
    onStop: interrupt.ask,
    signal: interrupt.signal,
  });
}

/** Names every file that cannot be served. @throws CommandFailure when none can */
async function readFiles({ incidents, tenants }: LabStartOptions): Promise<IncidentFiles> {
  const files = await readIncidentFiles({
    paths: incidents.map((path) => resolve(path)),
    families: new Set(tenants > 1 ? ['graph', 'xdr'] : ['graph']),
    now: Date.now(),
  });
  for (const { file, reason } of files.faults) process.stderr.write(`outrider: ${file}: ${reason}\n`);
  if (files.incidents.length === 0) {
    fail(EXIT.usage, `lab: no incident could be loaded from ${incidents.join(', ')}.`);
  }
  return files;
}

/** Waits until every tenant's first run has ended, prints the figures. */
async function once(
  session: Session,
  run: {
    readonly options: LabStartOptions;
    readonly report: Report;
    readonly interrupt: Interrupt;
    readonly startedAt: number;
  },
): Promise<void> {
  const { options, report, interrupt, startedAt } = run;
  const outcome = await Promise.race([
    session.settled.then(() => 'settled' as const),
    session.broken,
    interrupt.asked.then(() => 'interrupted' as const),
    sleep(ONCE_LIMIT_MS, 'late' as const, { ref: false }),
  ]);
  interrupt.signal.throwIfAborted();
  report.figures(session);
  const why = outcome === 'settled' ? failures(session) : outcome === 'late' ? LATE : String(outcome);
  const api = session.api ?? null;
  const tenants = session.rows();
  await session.stop();
  if (options.json) printJson({ ok: why === undefined, api, tenants, tookMs: Date.now() - startedAt });
  if (why !== undefined) throw new CommandFailure(EXIT.no, why);
}

const LATE = `Not every tenant was loaded within ${ONCE_LIMIT_MS / 60_000} minutes.`;

function failures(session: Session): string | undefined {
  const failing = session.syncs().filter(({ state }) => state !== 'current');
  if (failing.length === 0) return undefined;
  return failing.map(({ tenant, reason }) => `${tenant.name} was not loaded: ${reason}`).join(' ');
}

/** Runs until it is asked to end, or cannot go on. */
async function keepRunning(session: Session, report: Report, interrupt: Interrupt): Promise<void> {
  const ended = Promise.race([interrupt.asked, session.broken]);
  const loaded = await Promise.race([session.settled.then(() => 'loaded' as const), ended]);
  if (loaded === 'loaded') {
    await report.running(session);
    const outcome = await ended;
    if (outcome instanceof Error) throw outcome;
    return;
  }
  if (loaded instanceof Error) throw loaded;
}
