import { Worker } from 'node:worker_threads';

/**
 * The one message of a thread of its own, which loads sources as Node itself does.
 *
 * @param script of the thread
 * @throws what the thread threw, or that it told nothing
 */
export function inWorker<Result>(script: URL, workerData: unknown): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData, execArgv: [] });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a worker ended with ${code} and told nothing`)));
  });
}
