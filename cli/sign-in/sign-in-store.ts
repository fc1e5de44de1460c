import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { EXIT, fail, messageOf } from '../output/failure.ts';
import { takeFileLock } from './file-lock.ts';
import type { KeyStore } from './key-store.ts';
import { readPrivateFile, removeFile, writePrivateFile } from './private-file.ts';
import { newSealKey, seal, unseal } from './sealed-text.ts';

const signInSchema = z.object({
  clientId: z.string(),
  cloud: z.enum(['global', 'gcc', 'gcchigh', 'dod']),
  tenantId: z.string(),
  accountId: z.string(),
  username: z.string(),
  cache: z.string(),
});

/** Who is signed in, and msal's cache with the tokens. Nothing of it may reach a log. */
export type SignIn = Readonly<z.infer<typeof signInSchema>>;

const fileSchema = z.discriminatedUnion('kept', [
  z.object({ format: z.literal(1), kept: z.literal('file'), signIn: signInSchema }),
  z.object({
    format: z.literal(1),
    kept: z.literal('key-store'),
    sealed: z.object({ iv: z.string(), tag: z.string(), data: z.string() }),
  }),
]);

/** The sign-in of one client id: one person at a time. */
export interface SignInStore {
  /**
   * Undefined when nobody is signed in, or what is kept cannot be read, which is said.
   *
   * @throws CommandFailure when others can read the file, or the key store does not give the key
   */
  read(): Promise<SignIn | undefined>;
  /** Keeps a new sign-in in place of the old one. */
  replace(signIn: SignIn): Promise<void>;
  /** Takes the lock; `keep` writes only while the same person is still signed in. */
  lock(): Promise<{ keep(signIn: SignIn): Promise<void>; release(): Promise<void> }>;
  /** @returns whether somebody was signed in */
  remove(): Promise<boolean>;
}

export interface SignInStoreOptions {
  readonly folder: string;
  /** Names file and key: sign-ins of other apps, the lab's for one, are left alone. */
  readonly clientId: string;
  readonly keyStore: KeyStore;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Told, in one line, where a sign-in is kept, or that it could not be read. */
  readonly tell: (line: string) => void;
}

/**
 * Keeps msal's cache in a file that is sealed with a key from the system's key store. Credential Manager takes 2,560
 * bytes and a cache has tens of thousands: in pieces it would be torn by two commands at once, while a file is
 * replaced as a whole and the key stays what it is. Without a key store that works the file is not sealed, and only
 * its owner can read it.
 */
export function createSignInStore(options: SignInStoreOptions): SignInStore {
  const { folder, clientId, keyStore, clock, tell } = options;
  const path = join(folder, `${clientId}.json`);
  let key: string | undefined;
  /** That are held here: 1 at most. */
  let locks = 0;

  async function keyOf(): Promise<string | undefined> {
    try {
      key ??= await keyStore.get(clientId);
      return key;
    } catch (error) {
      return fail(
        EXIT.no,
        `The system's key store does not give the key of the sign-in: ${messageOf(error)}. Unlock it, or sign in anew: outrider login`,
      );
    }
  }

  /** What the file keeps; `sealed` when the key at hand does not open it. */
  async function look(): Promise<SignIn | 'sealed' | undefined> {
    const text = await readPrivateFile(path);
    if (text === undefined) return undefined;
    const file = fileSchema.safeParse(parsed(text)).data;
    if (file?.kept === 'file') return file.signIn;
    if (file === undefined) return unreadable();
    const sealKey = await keyOf();
    const opened = sealKey && unseal(file.sealed, sealKey);
    if (!opened) return 'sealed';
    return signInSchema.safeParse(parsed(opened)).data ?? unreadable();
  }

  /** Another command may have signed in anew since, or be about it: the key is in place before the file is. */
  async function read(): Promise<SignIn | undefined> {
    const first = await look();
    if (first !== 'sealed') return first;
    const release = locks > 0 ? undefined : await takeLock();
    try {
      key = undefined;
      const second = await look();
      return second === 'sealed' ? unreadable() : second;
    } finally {
      await release?.();
    }
  }

  function unreadable(): undefined {
    tell(`What ${path} keeps cannot be read: nobody is signed in. Run: outrider login`);
  }

  /** The key of a new sign-in, put into the key store and read back; undefined when there is none that works. */
  async function freshKey(): Promise<string | undefined> {
    const fresh = newSealKey();
    try {
      await keyStore.set(clientId, fresh);
      if ((await keyStore.get(clientId)) !== fresh) throw new Error('it forgets what it is given');
      return fresh;
    } catch (error) {
      tell(
        `The sign-in is kept in ${path}, which only you can read: the system's key store cannot be used (${oneLine(error)}).`,
      );
      return undefined;
    }
  }

  async function write(signIn: SignIn, sealKey: string | undefined): Promise<void> {
    const file: z.infer<typeof fileSchema> = sealKey
      ? { format: 1, kept: 'key-store', sealed: seal(JSON.stringify(signIn), sealKey) }
      : { format: 1, kept: 'file', signIn };
    await writePrivateFile(path, `${JSON.stringify(file)}\n`);
  }

  async function takeLock(): Promise<() => Promise<void>> {
    const release = await takeFileLock(`${path}.lock`, { clock });
    locks += 1;
    return async () => {
      locks -= 1;
      await release();
    };
  }

  return {
    read,
    async replace(signIn) {
      const release = await takeLock();
      try {
        key = await freshKey();
        await write(signIn, key);
      } finally {
        await release();
      }
    },
    async lock() {
      const release = await takeLock();
      return {
        release,
        async keep(signIn) {
          const now = await read();
          if (now?.accountId === signIn.accountId) await write(signIn, key);
        },
      };
    },
    async remove() {
      const release = await takeLock();
      try {
        // Without a key store that answers there is no key to take out, or it opens nothing any more.
        await keyStore.delete(clientId).catch(() => undefined);
        key = undefined;
        return await removeFile(path);
      } finally {
        await release();
      }
    },
  };
}

/** The client ids of all sign-ins that are kept in the folder. */
export async function keptClientIds(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => /^([0-9a-f-]{36})\.json$/.exec(name)?.[1] ?? []);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const oneLine = (error: unknown): string => messageOf(error).replaceAll(/\s+/g, ' ').trim();
