import { text } from 'node:stream/consumers';
import type { KeyStoreAnswer, KeyStoreOrder } from './key-store.ts';

/** Names the entries in the system's key store. */
const SERVICE = 'Outrider command line';

// Run by key-store.ts: reads one order from stdin, prints the answer, ends.
process.stdout.write(JSON.stringify(await answer(JSON.parse(await text(process.stdin)) as KeyStoreOrder)));

async function answer(order: KeyStoreOrder): Promise<KeyStoreAnswer> {
  try {
    const { Entry } = await import('@napi-rs/keyring');
    // Left to itself it would fall back to the kernel's keyring, which forgets everything at logout.
    const entry = new Entry(SERVICE, order.name, { linux: { store: 'secret-service' } });
    if (order.do === 'get') return { ok: true, value: entry.getPassword() };
    if (order.do === 'set') entry.setPassword(order.value);
    else entry.deletePassword();
    return { ok: true, value: null };
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}
