import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { LabError } from './lab-error.ts';
import type { Refusal } from './net/proxy.ts';

export interface ProbeOptions {
  /** The Node that will run the app. */
  readonly execPath: string;
  /** The environment that it will be given, whole. */
  readonly env: Readonly<Record<string, string>>;
  /** What the lab's proxy has refused so far. */
  readonly refused: () => readonly Refusal[];
}

/** Probes go to names under this one, which by RFC 2606 exists nowhere. */
export const PROBE_DOMAIN = 'probe.outrider.invalid';

const OLDEST_NODE = [24, 5] as const;
const TIMEOUT_MS = 30_000;
const SCRIPT = `fetch(process.argv[1]).then(() => {}, () => {})`;
const run = promisify(execFile);

/**
 * Makes sure, before the app starts, that its traffic stays in the lab: the version of its Node knows the proxy
 * settings, and a request of a small process with the app's environment arrives at the lab's proxy.
 *
 * @throws LabError `lab.node_too_old`, `lab.traffic_escapes`
 */
export async function probe({ execPath, env, refused }: ProbeOptions): Promise<void> {
  const version = await nodeVersion(execPath, env);
  if (isTooOld(version)) {
    throw new LabError(
      'lab.node_too_old',
      `The lab needs Node ${OLDEST_NODE.join('.')} or newer, because older ones ignore the proxy settings and would send its traffic outside; ${execPath} is ${version}.`,
    );
  }
  const host = `${randomBytes(8).toString('hex')}.${PROBE_DOMAIN}`;
  await run(execPath, ['-e', SCRIPT, `https://${host}/`], { env: { ...env }, timeout: TIMEOUT_MS }).catch(
    () => undefined, // what counts is what the proxy saw
  );
  if (refused().some(({ target }) => target === `${host}:443`)) return;
  throw new LabError(
    'lab.traffic_escapes',
    `A request of ${execPath} with the lab's settings did not arrive at the lab's proxy, so the app's traffic would leave this machine; it was not started (look for NODE_OPTIONS or proxy settings that override HTTPS_PROXY).`,
  );
}

async function nodeVersion(execPath: string, env: Readonly<Record<string, string>>): Promise<string> {
  try {
    const { stdout } = await run(execPath, ['--version'], { env: { ...env }, timeout: TIMEOUT_MS });
    return stdout.trim();
  } catch (error) {
    throw new LabError(
      'lab.node_too_old',
      `${execPath} did not tell its version, so the app was not started.`,
      {
        cause: error,
      },
    );
  }
}

function isTooOld(version: string): boolean {
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  if (major === undefined || minor === undefined) return true;
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  return Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
}
