import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machine } from './places.ts';

/**
 * The system's own keeper of small secrets: Credential Manager (at most 2,560 bytes each), Keychain, Secret Service.
 * A method that rejects means that there is none that works here; its text says why.
 */
export interface KeyStore {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
}

/** What the helper process is asked for, and what it says. */
export type KeyStoreOrder =
  | { readonly do: 'get' | 'delete'; readonly name: string }
  | { readonly do: 'set'; readonly name: string; readonly value: string };
export type KeyStoreAnswer =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly text: string };

const PROCESS = fileURLToPath(new URL('key-store-process.ts', import.meta.url));
/** Long enough for a person to unlock it, and no more than a pause where nothing answers. */
const TIMEOUT_MS = 15_000;

export interface KeyStoreOptions extends Pick<Machine, 'platform' | 'env'> {
  /** Default 15 s. */
  readonly timeoutMs?: number;
  /** What plays the helper; default our own, with the running Node. */
  readonly command?: readonly [string, ...string[]];
}

/**
 * The key store by `@napi-rs/keyring`, in a process of its own: a D-Bus service that never answers would hold a
 * thread of ours, and with it the end of the command, for ever; a process can be ended.
 */
export function createKeyStore(options: KeyStoreOptions): KeyStore {
  const { timeoutMs = TIMEOUT_MS, command = [process.execPath, PROCESS] } = options;

  async function ask(order: KeyStoreOrder): Promise<string | undefined> {
    if (!mayExist(options)) throw new Error('no desktop session with a Secret Service');
    const text = await runHelper(command, JSON.stringify(order), timeoutMs);
    const answer = parse(text);
    if (answer.ok) return answer.value ?? undefined;
    throw new Error(answer.text);
  }

  return {
    get: (name) => ask({ do: 'get', name }),
    async set(name, value) {
      await ask({ do: 'set', name, value });
    },
    async delete(name) {
      await ask({ do: 'delete', name });
    },
  };
}

/** On Linux a Secret Service needs a session bus, which servers, containers and SSH do not have. */
function mayExist({ platform, env }: Pick<Machine, 'platform' | 'env'>): boolean {
  if (platform !== 'linux') return true;
  if (env.DBUS_SESSION_BUS_ADDRESS) return true;
  return env.XDG_RUNTIME_DIR !== undefined && existsSync(join(env.XDG_RUNTIME_DIR, 'bus'));
}

function parse(text: string): KeyStoreAnswer {
  try {
    return JSON.parse(text) as KeyStoreAnswer;
  } catch {
    return { ok: false, text: 'it ended without an answer' };
  }
}

/** Order and answer go by pipes: arguments and environment can be seen by others. */
function runHelper([file, ...args]: readonly [string, ...string[]], order: string, timeoutMs: number) {
  return new Promise<string>((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(order);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}
