import { Worker } from 'node:worker_threads';
import type { CrossingBug } from './deliberate-bugs.ts';

/** Plays with a bug in a thread of its own, on the sources as Node itself loads them. Gives the crossings seen. */
export function crossingsWith(bug: CrossingBug): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: bug, execArgv: [] });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a worker ended with ${code} and told nothing`)));
  });
}
