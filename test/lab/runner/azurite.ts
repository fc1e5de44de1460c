import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { QueueServiceClient } from '@azure/storage-queue';
import { freePort, waitFor } from './run-app.ts';

/** Azurite in memory, on ports of its own. */
export interface Azurite {
  readonly connectionString: string;
  readonly queues: QueueServiceClient;
  stop(): Promise<void>;
}

const MAIN = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
const ACCOUNT = 'devstoreaccount1';
// Azurite's published development key.
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export async function startAzurite(): Promise<Azurite> {
  const [blob, queue, table] = [await freePort(), await freePort(), await freePort()];
  const ports = ['--blobPort', `${blob}`, '--queuePort', `${queue}`, '--tablePort', `${table}`];
  const flags = ['--inMemoryPersistence', '--disableTelemetry', '--skipApiVersionCheck', '--silent'];
  const child = spawn(process.execPath, [MAIN, ...ports, ...flags], { stdio: 'ignore' });
  const connectionString =
    `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};` +
    `BlobEndpoint=http://127.0.0.1:${blob}/${ACCOUNT};QueueEndpoint=http://127.0.0.1:${queue}/${ACCOUNT};`;
  const queues = QueueServiceClient.fromConnectionString(connectionString);
  await waitFor(
    () => Promise.all([answers(blob), answers(queue)]).then((ready) => ready.every(Boolean) || undefined),
    () => 'Azurite',
  );
  return {
    connectionString,
    queues,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}
