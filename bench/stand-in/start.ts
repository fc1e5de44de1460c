import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificates, writeCertificates } from '../../lab/net/ca.ts';
import { startAzurite } from '../../lab/storage/azurite.ts';
import { AZURITE_TOKEN } from '../../lab/storage/azurite-token.ts';
import type { Counts } from './server.ts';

/** Where a job finds its servers. */
export interface Addresses {
  readonly graph: string;
  readonly table: string;
  readonly blob: string;
  /** For storage; the stand-in takes any, Azurite one that looks like Entra ID's. */
  readonly token: string;
}

/** The servers of a bench, each in a process of its own. */
export interface Servers {
  /** Both Graph and storage answered by the stand-in. */
  readonly fast: Addresses;
  /** Graph from the stand-in, storage from Azurite, kept in its memory. */
  azurite(): Promise<Addresses>;
  /** File with the certificate that a job has to trust. */
  readonly authorityFile: string;
  /** Forgets rows, blobs and counts. */
  reset(): Promise<void>;
  resetCounts(): Promise<void>;
  counts(): Promise<Counts>;
  stop(): Promise<void>;
}

const ACCOUNT = 'bench';
export async function startServers(): Promise<Servers> {
  const directory = await mkdtemp(join(tmpdir(), 'outrider-bench-'));
  const files = await writeCertificates(await createCertificates([]), directory);
  const child = fork(join(import.meta.dirname, 'server.ts'), [files.certificateFile, files.keyFile]);
  const [port] = (await once(child, 'message')) as [number];
  const origin = `https://127.0.0.1:${port}`;
  const stops: (() => Promise<void>)[] = [];
  return {
    fast: { graph: origin, table: `${origin}/table`, blob: `${origin}/blob`, token: AZURITE_TOKEN },
    authorityFile: files.authorityFile,
    async azurite() {
      const azurite = await startAzurite({ ...files, account: ACCOUNT });
      stops.push(azurite.stop);
      const uri = (kind: 'table' | 'blob') => `https://127.0.0.1:${azurite.port(kind)}/${ACCOUNT}`;
      return { graph: origin, table: uri('table'), blob: uri('blob'), token: AZURITE_TOKEN };
    },
    reset: async () => void (await ask(child, 'reset')),
    resetCounts: async () => void (await ask(child, 'reset counts')),
    counts: () => ask(child, 'counts'),
    async stop() {
      for (const stop of stops) await stop();
      child.disconnect();
      await once(child, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function ask(child: ChildProcess, what: 'reset' | 'reset counts' | 'counts'): Promise<Counts> {
  child.send(what);
  const [counts] = (await once(child, 'message')) as [Counts];
  return counts;
}
