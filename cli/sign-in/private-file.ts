import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT, fail } from '../output/failure.ts';

/** Windows keeps others out by the profile's access list and has no such bits. */
const HAS_MODES = process.platform !== 'win32';
const OTHERS = 0o077;
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * A text that only its owner can read; undefined when there is none.
 *
 * @throws CommandFailure when others could have read or changed it: what is in it is not used any more
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  const file = await openOwn(path);
  if (file === undefined) return undefined;
  try {
    const { mode, uid, size } = await file.stat();
    if (HAS_MODES && (mode & OTHERS) !== 0) {
      return fail(EXIT.no, `${path} can be read by others, so it is not used. ${startAfresh(path)}`);
    }
    if (HAS_MODES && uid !== process.getuid?.()) {
      return fail(EXIT.no, `${path} belongs to somebody else, so it is not used. ${startAfresh(path)}`);
    }
    if (size > MOST_BYTES) return fail(EXIT.no, `${path} is no sign-in: too large. ${startAfresh(path)}`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

const startAfresh = (path: string): string => `Delete it (${path}), then run: outrider login`;

async function openOwn(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | (HAS_MODES ? constants.O_NOFOLLOW : 0));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') return fail(EXIT.no, `${path} is a link, so it is not used. ${startAfresh(path)}`);
    return fail(EXIT.no, `${path} cannot be read (${code}). ${startAfresh(path)}`);
  }
}

/** Replaces the file at once, so that a reader sees the old text or the new one, and nobody else sees either. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await makePrivateFolder(dirname(path));
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    fail(EXIT.no, `The sign-in cannot be kept in ${path} (${codeOf(error)}). Check rights and space there.`);
  }
}

/** A folder of one's own. One that is there already, made by whatever means, is closed to others. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (HAS_MODES) await chmod(path, 0o700);
}

/** @returns whether there was one */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await rm(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    return fail(EXIT.no, `${path} cannot be deleted (${codeOf(error)}). Delete it by hand.`);
  }
}

/** The system's word for what went wrong, `EACCES`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
