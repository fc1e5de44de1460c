import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import {
  QueueServiceClient,
  type StoragePipelineOptions,
  StorageSharedKeyCredential,
} from '@azure/storage-queue';
import { freePort, waitFor } from './run-app.ts';

/** HTTPS with bearer tokens accepted: files of the certificate and its key, and the certificate's text. */
export interface AzuriteTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Azurite in memory, on ports of its own. */
export interface Azurite {
  readonly connectionString: string;
  readonly queueUri: string;
  readonly blobUri: string;
  /** A client by key. */
  readonly queues: QueueServiceClient;
  stop(): Promise<void>;
}

const MAIN = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
const ACCOUNT = 'devstoreaccount1';
// Azurite's published development key.
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export async function startAzurite(tls?: AzuriteTls): Promise<Azurite> {
  const [blob, queue, table] = [await freePort(), await freePort(), await freePort()];
  const ports = ['--blobPort', `${blob}`, '--queuePort', `${queue}`, '--tablePort', `${table}`];
  const flags = ['--inMemoryPersistence', '--disableTelemetry', '--skipApiVersionCheck', '--silent'];
  const secure = tls === undefined ? [] : ['--oauth', 'basic', '--cert', tls.cert, '--key', tls.key];
  const child = spawn(process.execPath, [MAIN, ...ports, ...flags, ...secure], { stdio: 'ignore' });
  const scheme = tls === undefined ? 'http' : 'https';
  const queueUri = `${scheme}://127.0.0.1:${queue}/${ACCOUNT}`;
  const blobUri = `${scheme}://127.0.0.1:${blob}/${ACCOUNT}`;
  const connectionString =
    `DefaultEndpointsProtocol=${scheme};AccountName=${ACCOUNT};AccountKey=${KEY};` +
    `BlobEndpoint=${blobUri};QueueEndpoint=${queueUri};`;
  const options: StoragePipelineOptions & { tlsOptions?: { ca: string } } =
    tls === undefined ? {} : { tlsOptions: { ca: tls.ca } };
  const queues = new QueueServiceClient(queueUri, new StorageSharedKeyCredential(ACCOUNT, KEY), options);
  await waitFor(
    () => Promise.all([accepts(blob), accepts(queue)]).then((ready) => ready.every(Boolean) || undefined),
    () => 'Azurite does not listen',
  );
  return {
    connectionString,
    queueUri,
    blobUri,
    queues,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
