import { homedir } from 'node:os';
import { systemClock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import { EXIT, fail } from '../output/failure.ts';
import { createScreen } from '../output/screen.ts';
import { createKeyStore } from './key-store.ts';
import { type Machine, signInFolder } from './places.ts';
import { createSignInStore, keptClientIds, type SignInStore } from './sign-in-store.ts';

/** This machine and its person. */
export const thisMachine = (): Machine => ({ platform: process.platform, env: process.env, home: homedir() });

/** A line for the person, beside what the command prints. */
export const tell = (line: string): void => createScreen(process.stderr).line(line);

/** What is kept here of sign-ins by this client id. */
export function storeHere(clientId: string, machine: Machine = thisMachine()): SignInStore {
  return createSignInStore({
    folder: signInFolder(machine),
    clientId,
    keyStore: createKeyStore(machine),
    clock: systemClock,
    tell,
  });
}

/** The client id whose sign-in is meant: the one that is set, or the only one that is kept. */
export async function keptClientId(
  config: Pick<Config, 'commandLineClientId'>,
  machine: Machine = thisMachine(),
): Promise<string | undefined> {
  if (config.commandLineClientId !== undefined) return config.commandLineClientId;
  const [only, ...more] = await keptClientIds(signInFolder(machine));
  if (more.length === 0) return only;
  return fail(EXIT.usage, 'There are sign-ins by several apps. Say which: set OUTRIDER_CLI_CLIENT_ID.');
}

/** Whether a sign-in by that client id is kept here; whose it is stays unread. */
export async function isKept(clientId: string, machine: Machine = thisMachine()): Promise<boolean> {
  return (await keptClientIds(signInFolder(machine))).includes(clientId);
}
