import { describe, expect, it } from 'vitest';
import { createKeyStore, type KeyStoreOptions } from '../../cli/sign-in/key-store.ts';

/** A helper process that does this. */
const helper = (script: string, more: Partial<KeyStoreOptions> = {}) =>
  createKeyStore({ platform: 'darwin', env: {}, command: [process.execPath, '-e', script], ...more });

describe('the key store', () => {
  it('is asked by pipes, not by arguments that others can see', async () => {
    const store = helper(
      `let t='';process.stdin.on('data',c=>t+=c).on('end',()=>console.log(JSON.stringify({ok:true,value:t+process.argv.slice(1)})))`,
    );
    expect(await store.get('name')).toBe('{"do":"get","name":"name"}');
  });

  it.each([
    ['hangs', 'setInterval(()=>{},1000)', /no answer within 0\.3 s/],
    ['crashes', 'process.abort()', /ended without an answer/],
    ['refuses', `console.log('{"ok":false,"text":"it is locked"}')`, /it is locked/],
  ])('that %s is an error that says so', async (_what, script, words) => {
    const store = helper(script, script.startsWith('setInterval') ? { timeoutMs: 300 } : {});
    await expect(store.get('name')).rejects.toThrow(words);
  });

  it('is not looked for on a Linux without a session bus', async () => {
    const store = helper('process.exit(1)', { platform: 'linux', env: { XDG_RUNTIME_DIR: '/nowhere' } });
    await expect(store.set('name', 'value')).rejects.toThrow(/no desktop session/);
  });

  it('a bus that nobody answers at is an error of the real library, soon', async () => {
    const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
    const began = performance.now();
    await expect(createKeyStore({ platform: 'linux', env }).get('name')).rejects.toThrow(/./);
    expect(performance.now() - began).toBeLessThan(14_000);
  });
});
