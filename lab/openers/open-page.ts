import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, resolve } from 'node:path';
import { callLab } from '../control/running-lab.ts';
import { networkEnvironment } from '../environment.ts';
import { LabError } from '../lab-error.ts';

/**
 * Opens addresses for a command that runs in the lab, by the system's own opener: sign-in pages at the lab's door, since
 * the browser is outside of the lab, and anything else as it is. Sets the process's exit code to the opener's.
 *
 * @param opener a program of this folder, which `outrider lab exec` puts before those of the system
 * @throws LabError `lab.not_running`: nothing is opened then
 */
export async function openPage(opener: string, args: readonly string[]): Promise<void> {
  const addresses = await Promise.all(args.map(atDoor));
  const child = spawn(opener, addresses, { stdio: 'inherit', env: outside(process.env) });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}

async function atDoor(address: string): Promise<string> {
  if (!URL.canParse(address)) return address;
  try {
    return ((await callLab('POST', '/sign-in-page', { address })) as { address: string }).address;
  } catch (error) {
    if (error instanceof LabError && error.code === 'lab.refused') return address;
    throw error;
  }
}

/** A browser that starts now is the person's own: it finds this folder no more, nor the lab's proxy. */
function outside(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const network = Object.keys(networkEnvironment({ proxyUrl: '', authorityFile: '' }));
  const folders = (env.PATH ?? '').split(delimiter).filter((path) => resolve(path) !== import.meta.dirname);
  const kept = Object.entries(env).filter(([name]) => !network.includes(name));
  return { ...Object.fromEntries(kept), PATH: folders.join(delimiter) };
}
