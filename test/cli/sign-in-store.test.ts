import { chmod, readdir, readFile, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { keptClientIds } from '../../cli/sign-in/sign-in-store.ts';
import {
  CLIENT_ID,
  createLimitedKeyStore,
  createTestStore,
  NO_KEY_STORE,
  signInOf,
} from './sign-in-folder.ts';

type Made = Awaited<ReturnType<typeof createTestStore>>;
const made: Made[] = [];
const make = async (...parts: Parameters<typeof createTestStore>): Promise<Made> => {
  const one = await createTestStore(...parts);
  made.push(one);
  return one;
};
afterEach(async () => {
  for (const one of made.splice(0)) await one.dispose();
});

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe('with a key store that takes 2,560 bytes', () => {
  it('a large sign-in comes back whole, and neither the file nor the key store shows it', async () => {
    const keyStore = createLimitedKeyStore();
    const { store, path, again, told } = await make(keyStore);
    const ana = signInOf('ana', `refresh-token-of-ana ${'x'.repeat(60_000)}`);
    await store.replace(ana);
    expect(await again().read()).toEqual(ana);
    const file = await readFile(path, 'utf8');
    expect(file).not.toMatch(/refresh-token-of-ana|ana@/);
    expect(Buffer.from(JSON.parse(file).sealed.data, 'base64').toString('latin1')).not.toContain(
      'refresh-token',
    );
    expect([...keyStore.entries.keys()]).toEqual([CLIENT_ID]);
    expect(Buffer.from([...keyStore.entries.values()][0] ?? '', 'base64')).toHaveLength(32);
    expect(told).toEqual([]);
  });

  it('every sign-in has a key of its own, and logout leaves neither file nor key', async () => {
    const keyStore = createLimitedKeyStore();
    const { store, folder } = await make(keyStore);
    await store.replace(signInOf('ana'));
    const [first] = keyStore.entries.values();
    await store.replace(signInOf('ben'));
    expect([...keyStore.entries.values()]).not.toEqual([first]);
    expect(await store.remove()).toBe(true);
    expect([keyStore.entries.size, await readdir(folder)]).toEqual([0, []]);
    expect([await store.read(), await store.remove()]).toEqual([undefined, false]);
  });

  it('a file that was changed, or a key that is not its own, is nobody, in one line', async () => {
    const keyStore = createLimitedKeyStore();
    const { store, path, again, told } = await make(keyStore);
    await store.replace(signInOf('ana'));
    const whole = await readFile(path, 'utf8');
    const file = JSON.parse(whole);
    const data = Buffer.from(file.sealed.data, 'base64');
    data.writeUInt8(data.readUInt8(9) ^ 1, 9);
    const changed = { ...file, sealed: { ...file.sealed, data: data.toString('base64') } };
    for (const text of [JSON.stringify(changed), whole.slice(0, 300), '', '[]', '{"format":2}']) {
      await writeFile(path, text);
      expect(await again().read(), text.slice(0, 20)).toBeUndefined();
    }
    await writeFile(path, whole);
    expect(await again().read()).toBeDefined();
    keyStore.entries.set(CLIENT_ID, Buffer.alloc(32).toString('base64'));
    expect(await again().read()).toBeUndefined();
    expect(told).toHaveLength(6);
    for (const line of told) expect(line).toMatch(/^What .+ cannot be read: nobody is signed in\. Run: .+$/);
  });

  it('one that does not answer later is an error that says so, not a sign-out', async () => {
    const { store, again } = await make(createLimitedKeyStore());
    await store.replace(signInOf('ana'));
    await expect(again(NO_KEY_STORE).read()).rejects.toThrow(
      /key store does not give the key.*outrider login/,
    );
    await again(NO_KEY_STORE).replace(signInOf('ana'));
    expect(await again(NO_KEY_STORE).read()).toEqual(signInOf('ana'));
  });

  it('one that forgets is not used', async () => {
    const { store, again, told } = await make({ ...createLimitedKeyStore(), get: async () => undefined });
    await store.replace(signInOf('ana'));
    expect(told).toEqual([
      expect.stringMatching(/which only you can read: .*\(it forgets what it is given\)/),
    ]);
    expect(await again().read()).toEqual(signInOf('ana'));
  });
});

describe.skipIf(process.platform === 'win32')('without a key store', () => {
  it('only the owner can read file and folder, and one line says where it is', async () => {
    const { store, path, folder, told, again } = await make(NO_KEY_STORE);
    await store.replace(signInOf('ana'));
    expect([await modeOf(path), await modeOf(folder)]).toEqual([0o600, 0o700]);
    expect(told).toEqual([
      `The sign-in is kept in ${path}, which only you can read: the system's key store cannot be used (no desktop session with a Secret Service).`,
    ]);
    expect(await again().read()).toEqual(signInOf('ana'));
    expect(await readdir(folder)).toEqual([`${CLIENT_ID}.json`]);
  });

  it('a folder that was open to others is closed', async () => {
    const { store, folder } = await make(NO_KEY_STORE);
    await store.replace(signInOf('ana'));
    await chmod(folder, 0o755);
    await store.replace(signInOf('ana'));
    expect(await modeOf(folder)).toBe(0o700);
  });

  it.each([0o640, 0o604, 0o620, 0o666])('a file of mode %o is refused', async (mode) => {
    const { store, path } = await make(NO_KEY_STORE);
    await store.replace(signInOf('ana'));
    await chmod(path, mode);
    await expect(store.read()).rejects.toThrow(/can be read by others, so it is not used.*outrider login/);
    await store.replace(signInOf('ana'));
    expect(await modeOf(path)).toBe(0o600);
  });

  it('a link is refused', async () => {
    const { store, path } = await make(NO_KEY_STORE);
    await store.replace(signInOf('ana'));
    await rename(path, `${path}.elsewhere`);
    await symlink(`${path}.elsewhere`, path);
    await expect(store.read()).rejects.toThrow(/is a link, so it is not used/);
  });
});

describe('two commands at once', () => {
  it('write one after the other, and none is lost', async () => {
    const { store, again } = await make(NO_KEY_STORE);
    await store.replace(signInOf('ana', '0'));
    const add = async (): Promise<void> => {
      const mine = again();
      const lock = await mine.lock();
      try {
        const now = await mine.read();
        await lock.keep(signInOf('ana', String(Number(now?.cache) + 1)));
      } finally {
        await lock.release();
      }
    };
    await Promise.all(Array.from({ length: 12 }, add));
    expect((await store.read())?.cache).toBe('12');
  });

  it('what was under way does not bring back who has signed out, nor take over from who has signed in', async () => {
    const { store, again, folder } = await make(NO_KEY_STORE);
    await store.replace(signInOf('ana'));
    await again().remove();
    const lock = await store.lock();
    await lock.keep(signInOf('ana'));
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await again().replace(signInOf('ben'));
    const later = await store.lock();
    await later.keep(signInOf('ana'));
    await later.release();
    expect(await store.read()).toEqual(signInOf('ben'));
  });

  it('one under way finds who has signed in anew meanwhile, with another key', async () => {
    const { store, again, told } = await make(createLimitedKeyStore());
    await store.replace(signInOf('ana', 'old'));
    const underWay = again();
    await underWay.read();
    await again().replace(signInOf('ana', 'new'));
    expect(await underWay.read()).toEqual(signInOf('ana', 'new'));
    await again().replace(signInOf('ana', 'newer'));
    const lock = await underWay.lock();
    expect(await underWay.read()).toEqual(signInOf('ana', 'newer'));
    await lock.keep(signInOf('ana', 'newest'));
    await lock.release();
    expect([await again().read(), told]).toEqual([signInOf('ana', 'newest'), []]);
  });

  it('one that reads while another signs in waits for that, and does not say that nobody is signed in', async () => {
    const keyStore = createLimitedKeyStore();
    const { store, again, told } = await make(keyStore);
    await store.replace(signInOf('ana'));
    const isSet = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const replacing = again({
      ...keyStore,
      async set(name, value) {
        await keyStore.set(name, value);
        isSet.resolve();
        await goOn.promise;
      },
    }).replace(signInOf('ben'));
    await isSet.promise;
    const reading = again().read();
    setTimeout(goOn.resolve, 50);
    expect([await reading, told]).toEqual([signInOf('ben'), []]);
    await replacing;
  });

  it('the lock of a command that was killed is taken over, that of a running one is not', async () => {
    const { store, path } = await make(NO_KEY_STORE);
    await store.replace(signInOf('ana'));
    await writeFile(`${path}.lock`, '999999999 gone');
    await utimes(`${path}.lock`, 0, 0);
    await (await store.lock()).release();
    await writeFile(`${path}.lock`, `${process.pid} running`);
    const waiting = store.lock();
    expect(await Promise.race([waiting, new Promise((done) => setTimeout(done, 100, 'waits'))])).toBe(
      'waits',
    );
    await rename(`${path}.lock`, `${path}.done`);
    await (await waiting).release();
  });
});

it('the sign-ins of a folder are known by their client ids, and no other file is taken for one', async () => {
  const { store, folder } = await make(NO_KEY_STORE);
  expect(await keptClientIds(folder)).toEqual([]);
  await store.replace(signInOf('ana'));
  await writeFile(`${folder}/other.json`, '{}');
  await writeFile(`${folder}/${CLIENT_ID}.json.lock`, '');
  expect(await keptClientIds(folder)).toEqual([CLIENT_ID]);
});
