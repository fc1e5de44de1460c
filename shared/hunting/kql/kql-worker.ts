import './keep-compiled.ts';

import { flushCompileCache } from 'node:module';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { createChecker } from './checker.ts';
import { huntingSchema } from './default-schema.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

// The entry of the worker thread that createKqlService starts.
const { schema } = workerData as WorkerStart;
const check = createChecker(schema ?? huntingSchema());
// The first query of all makes the service build its grammar, which takes a second: not on a query's time.
check({ text: 'print 1' });

const say = (message: FromWorker): void => parentPort?.postMessage(message);
parentPort?.on('message', (request: ToWorker) => say(answerTo(request)));
say({ kind: 'ready' });
// Now: a worker is ended from outside, and then has no time for it.
flushCompileCache();

function answerTo(request: ToWorker): FromWorker {
  const heapUsed = (): number => getHeapStatistics().used_heap_size;
  try {
    return { kind: 'checked', result: check(request), heapUsed: heapUsed() };
  } catch (error) {
    return { kind: 'failed', message: String(error), heapUsed: heapUsed() };
  }
}
