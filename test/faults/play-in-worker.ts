import { Worker } from 'node:worker_threads';
import type { SeriesResult } from './series.ts';
import type { Work } from './worker.ts';

/** Plays in a thread of its own, on the sync as Node itself loads it. */
export function playInWorker(work: Work): Promise<SeriesResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: work, execArgv: [] });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a worker ended with ${code} and told nothing`)));
  });
}
