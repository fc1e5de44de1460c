import { resolve } from 'node:path';
import { readRunningLab } from '../../../lab/control/state-file.ts';
import { type HuntFiles, readHuntFiles } from '../../../lab/hunting/load-results.ts';
import { type IncidentFiles, readIncidentFiles } from '../../../lab/session/files.ts';
import { type Session, startSession } from '../../../lab/session/session.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';
import { createScreen } from '../../output/screen.ts';
import { builtApp } from './built-app.ts';
import { checkPort } from './check-port.ts';
import { createInterrupt, type Interrupt } from './interrupt.ts';
import { loadOnce, type OnceResult } from './once.ts';
import { createReport, type Report } from './report.ts';

export interface LabStartOptions {
  readonly incidents: readonly string[];
  readonly huntResults: readonly string[];
  readonly stream?: boolean;
  /** Whether scheduled hunts run. */
  readonly hunts: boolean;
  readonly tenants: number;
  readonly port: number;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly keep?: string;
  readonly seed: number;
  readonly cloudOnly?: boolean;
  readonly verbose?: boolean;
}

/** Exit code of a program that Ctrl-C has ended, as shells have it. */
const FORCED = 130;

/** Starts a lab; returns when it has ended and nothing of it is left. */
export async function startLabCommand(options: LabStartOptions): Promise<void> {
  const startedAt = Date.now();
  await refuseNonsense(options);
  const files = options.incidents.length === 0 ? undefined : await readFiles(options);
  const hunts = options.huntResults.length === 0 ? undefined : await readHunts(options);
  // With --json stdout belongs to the program that reads it.
  const screen = createScreen(options.json ? process.stderr : process.stdout);
  const { tenants } = options;
  const report = createReport({ screen, startedAt, verbose: options.verbose === true, tenants });
  const tell = (ok: boolean, { api, tenants: rows }: Pick<OnceResult, 'api' | 'tenants'>): void => {
    if (options.json) printJson({ ok, api, tenants: rows, tookMs: Date.now() - startedAt });
  };
  try {
    const result = await run(options, { files, hunts }, report);
    if (result === undefined) return;
    tell(result.failure === undefined, result);
    if (result.failure !== undefined) process.exitCode = EXIT.no;
  } catch (error) {
    tell(false, { api: null, tenants: [] });
    throw error;
  }
}

async function refuseNonsense({ json, once, cloudOnly, port }: LabStartOptions): Promise<void> {
  if (json && !once)
    fail(EXIT.usage, 'lab: --json goes with --once; ask a running lab by `lab status --json`.');
  if (once && cloudOnly) fail(EXIT.usage, 'lab: --once needs the app, which --cloud-only leaves out.');
  const running = await readRunningLab();
  if (running !== undefined) {
    const which = `process ${running.pid}`;
    fail(EXIT.usage, `A lab is already running (${which}); end it with \`outrider lab stop\` first.`);
  }
  if (!cloudOnly) await checkPort(port);
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

/** Names every file that cannot be served. @throws CommandFailure when none can */
async function readHunts({ huntResults }: LabStartOptions): Promise<HuntFiles> {
  const hunts = await readHuntFiles(
    huntResults.map((path) => resolve(path)),
    Date.now(),
  );
  for (const { file, reason } of hunts.faults) process.stderr.write(`outrider: ${file}: ${reason}\n`);
  if (hunts.results.length === 0) {
    fail(EXIT.usage, `lab: no rows of a hunt could be loaded from ${huntResults.join(', ')}.`);
  }
  return hunts;
}

/** What comes from files instead of the generator. */
interface Given {
  readonly files: IncidentFiles | undefined;
  readonly hunts: HuntFiles | undefined;
}

/** From the first step to the last. @returns what `--once` has come to, if it was not interrupted */
async function run(options: LabStartOptions, given: Given, report: Report): Promise<OnceResult | undefined> {
  let session: Session | undefined;
  const interrupt = createInterrupt(() => {
    session?.kill();
    process.exit(FORCED);
  });
  try {
    report.title();
    session = await start(options, given, { report, interrupt });
    if (!options.once) return void (await keepRunning(session, report, interrupt));
    const result = await loadOnce(session, interrupt.signal);
    report.figures(session);
    if (result.failure !== undefined) process.stderr.write(`outrider: ${result.failure}\n`);
    return result;
  } catch (error) {
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    if (options.once) process.exitCode = EXIT.no;
    return undefined;
  } finally {
    report.ending();
    if (session !== undefined) report.say('Ending: what is under way finishes first');
    await session?.stop();
    const { keep } = options;
    report.say(
      keep === undefined ? 'Ended; nothing is left behind' : `Ended; the storage is kept in ${keep}`,
    );
    interrupt.dispose();
  }
}

async function start(
  options: LabStartOptions,
  { files, hunts }: Given,
  { report, interrupt }: { readonly report: Report; readonly interrupt: Interrupt },
): Promise<Session> {
  const { tenants, seed, port, cloudOnly, keep, once } = options;
  const folder = cloudOnly ? undefined : await builtApp(() => report.say('Building the app'));
  interrupt.signal.throwIfAborted();
  const generated = files === undefined || options.stream === true;
  return startSession({
    tenants,
    seed,
    history: generated,
    stream: generated && !once,
    scheduledHunts: options.hunts,
    ...(keep === undefined ? {} : { keep: resolve(keep) }),
    ...(files === undefined ? {} : { files }),
    ...(hunts === undefined ? {} : { hunts }),
    ...(folder === undefined ? {} : { app: { folder, port } }),
    onEvent: report.event,
    onStop: interrupt.ask,
    signal: interrupt.signal,
  });
}

/** Runs until it is asked to end, or cannot go on. */
async function keepRunning(session: Session, report: Report, interrupt: Interrupt): Promise<void> {
  const ended = Promise.race([interrupt.asked, session.broken]);
  const first = await Promise.race([session.settled.then(() => 'loaded' as const), ended]);
  if (first === 'loaded') await report.running(session);
  const outcome = await ended;
  if (outcome instanceof Error) throw outcome;
}
