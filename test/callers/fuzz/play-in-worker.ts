import { Worker } from 'node:worker_threads';
import type { CallersResult } from './play.ts';
import type { CallersWork } from './worker.ts';

/** Plays in a thread of its own, on the sources as Node itself loads them. */
export function playInWorker(work: CallersWork): Promise<CallersResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: work, execArgv: [] });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a worker ended with ${code} and told nothing`)));
  });
}
