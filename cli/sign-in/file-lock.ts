import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { EXIT, fail } from '../output/failure.ts';
import { codeOf, makePrivateFolder } from './private-file.ts';

const LOOK_MS = 25;
const MOST_MS = 10_000;

export interface LockOptions {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Default: whether a process of this number runs on this machine. */
  readonly isRunning?: (pid: number) => boolean;
}

/**
 * Waits until no other command holds the lock file, then holds it.
 *
 * @returns what lets it go
 * @throws CommandFailure after 10 s
 */
export async function takeFileLock(path: string, options: LockOptions): Promise<() => Promise<void>> {
  const { clock, isRunning = processRuns } = options;
  const mine = `${process.pid} ${randomUUID()}`;
  const giveUpAt = clock.now() + MOST_MS;
  await makePrivateFolder(dirname(path)).catch((error: unknown) =>
    fail(EXIT.no, `${dirname(path)} cannot be made (${codeOf(error)}). Check rights and space there.`),
  );
  for (;;) {
    if (await hold(path, mine)) return () => letGo(path, mine);
    await removeIfAbandoned(path, isRunning);
    if (clock.now() > giveUpAt) {
      return fail(
        EXIT.no,
        `Another outrider command holds ${path}. Wait for its end; else delete that file.`,
      );
    }
    await clock.sleep(LOOK_MS);
  }
}

async function hold(path: string, mine: string): Promise<boolean> {
  try {
    await writeFile(path, mine, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    return fail(EXIT.no, `${path} cannot be written (${codeOf(error)}). Check rights and space there.`);
  }
}

async function letGo(path: string, mine: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === mine) await rm(path, { force: true });
}

/** A command that was killed leaves its lock. */
async function removeIfAbandoned(path: string, isRunning: (pid: number) => boolean): Promise<void> {
  const holder = await readFile(path, 'utf8').catch(() => undefined);
  const pid = Number(/^(\d+) /.exec(holder ?? '')?.[1]);
  if (holder === undefined || !Number.isInteger(pid) || isRunning(pid)) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    // In between another command may have removed the abandoned one and holds its own: that goes back.
    if ((await readFile(aside, 'utf8')) !== holder) await link(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, as somebody else.
    return codeOf(error) === 'EPERM';
  }
}
