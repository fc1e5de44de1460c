import { lstat, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { LabError } from '../lab-error.ts';
import { type ControlAddress, ControlTimeoutError, callControl } from './client.ts';

/** What other processes of this user need to find the running lab. The key opens its control endpoint. */
export interface LabState {
  readonly pid: number;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  /** Temporary files of the lab, to be cleared away when it has died without doing so. */
  readonly directory: string;
  /** Missing while the lab is still starting. */
  readonly control?: ControlAddress;
}

export interface StateFile {
  /** Where the lab may keep temporary files; not made yet. */
  readonly directory: string;
  /** Says where the lab's control endpoint is. */
  publish(control: ControlAddress): Promise<void>;
  /** Gives the place free again and removes the temporary files. */
  remove(): Promise<void>;
}

/** In the user's runtime directory, or in one of the user's own among the temporary files. */
export function stateFilePath(): string {
  const { XDG_RUNTIME_DIR } = process.env;
  if (XDG_RUNTIME_DIR !== undefined && XDG_RUNTIME_DIR !== '')
    return join(XDG_RUNTIME_DIR, 'outrider-lab', 'lab.json');
  return join(tmpdir(), `outrider-lab-${userInfo().username.replace(/\W/g, '_')}`, 'lab.json');
}

/**
 * Takes the one place for a lab of this user. What a dead lab has left is cleaned up.
 *
 * @throws LabError `lab.already_running`
 */
export async function claimStateFile(path: string = stateFilePath()): Promise<StateFile> {
  await makePrivateDirectory(dirname(path));
  const directory = join(dirname(path), `run-${process.pid}`);
  const state: LabState = { pid: process.pid, startedAt: new Date().toISOString(), directory };
  if (!(await createFile(path, state))) {
    const running = await readRunningLab(path);
    if (running !== undefined) throw alreadyRunning(running);
    await clearAway(path);
    if (!(await createFile(path, state))) throw alreadyRunning(await readRunningLab(path));
  }
  return {
    directory,
    async publish(control) {
      const next = `${path}.${process.pid}`;
      await writeFile(next, JSON.stringify({ ...state, control }), { mode: 0o600 });
      await rename(next, path); // a reader sees the old or the new, never half
    },
    async remove() {
      await rm(directory, { recursive: true, force: true });
      await rm(path, { force: true });
    },
  };
}

/** The lab that is running, or undefined: no file, or one whose lab is dead. */
export async function readRunningLab(path: string = stateFilePath()): Promise<LabState | undefined> {
  const state = await readState(path);
  if (state === undefined || !isAlive(state.pid)) return undefined;
  // A process id is given again: one that lives but does not answer as a lab is somebody else.
  if (state.control === undefined || (await answers(state.control))) return state;
  return undefined;
}

async function readState(path: string): Promise<LabState | undefined> {
  try {
    const state: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isState(state) ? state : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isState(value: unknown): value is LabState {
  return typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function answers(control: ControlAddress): Promise<boolean> {
  try {
    await callControl(control, 'GET', '/ping');
    return true;
  } catch (error) {
    return error instanceof ControlTimeoutError; // busy, not gone
  }
}

/** Removes the file of a dead lab, and its temporary files if they lie where a lab puts them. */
async function clearAway(path: string): Promise<void> {
  const left = await readState(path);
  if (left !== undefined && left.directory === join(dirname(path), `run-${left.pid}`)) {
    await rm(left.directory, { recursive: true, force: true });
  }
  await rm(path, { force: true });
}

/** False when the file is there already. */
async function createFile(path: string, state: LabState): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(JSON.stringify(state)).finally(() => file.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The directory of temporary files is everybody's: what somebody else has put there is not used. */
async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await lstat(directory);
  const mine = process.getuid?.();
  if (found.isDirectory() && (mine === undefined || found.uid === mine)) return;
  throw new LabError(
    'lab.refused',
    `${directory} belongs to another user; remove it or set XDG_RUNTIME_DIR.`,
  );
}

function alreadyRunning(state: LabState | undefined): LabError {
  const process = state === undefined ? '' : ` (process ${state.pid}, since ${state.startedAt})`;
  return new LabError(
    'lab.already_running',
    `A lab is already running${process}; end it with \`outrider lab stop\` first.`,
  );
}
