import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CheckRequest } from '../ports.ts';
import type { FromWorker, WorkerStart } from './worker-messages.ts';

/** A worker thread that is ready for one query at a time. */
export interface WorkerHandle {
  /** Never rejects: a worker that dies or takes too long has ended, and says why. */
  ask(request: CheckRequest, timeoutMs: number): Promise<Answer>;
  /** False when it has ended meanwhile, by itself: no query's fault. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

export type Answer =
  | Exclude<FromWorker, { readonly kind: 'ready' }>
  | {
      /** The worker is no more. */
      readonly kind: 'ended';
      /** What happened, as the end of a sentence: `ran out of memory`. */
      readonly why: string;
    };

export interface WorkerOptions extends WorkerStart {
  /** Ceiling of its heap, in MiB. */
  readonly heapMb: number;
  /** Longest time for its start, in milliseconds. */
  readonly startMs: number;
}

/** Beside this file and of the same kind: `.ts` from source, `.js` in the deployed app. */
const WORKER_FILE = join(import.meta.dirname, `kql-worker${extname(import.meta.filename)}`);
/** Room for what lives shortly. More of it makes no start faster; with 2 it takes a third longer. */
const YOUNG_MB = 16;

/** Starts a worker. Rejects when it does not come up: that is no query's fault. */
export async function startWorker({ schema, heapMb, startMs }: WorkerOptions): Promise<WorkerHandle> {
  const worker = new Worker(WORKER_FILE, {
    name: 'kql',
    workerData: { schema } satisfies WorkerStart,
    // Not those of this process: they may be about its memory, or its modules.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  let alive = true;
  const noteEnd = (): void => {
    alive = false;
  };
  // For as long as it lives: an error that nobody listens for would end the process, whatever else it has to do.
  worker.on('error', noteEnd).on('exit', noteEnd);
  const first = await answerOf(worker, startMs);
  if (first.kind !== 'ready') {
    const why = first.kind === 'ended' ? first.why : 'spoke out of turn';
    throw new Error(`The KQL language service did not start: its worker ${why}.`);
  }
  // A process that has nothing else to do may end.
  worker.unref();
  return {
    async ask(request, timeoutMs) {
      worker.ref();
      const answer = answerOf(worker, timeoutMs);
      worker.postMessage(request);
      const answered = await answer;
      worker.unref();
      return answered.kind === 'ready' ? { kind: 'ended', why: 'started twice' } : answered;
    },
    isAlive: () => alive,
    async stop() {
      await worker.terminate();
    },
  };
}

/** The worker's next message, or its end: by itself, or by ours when the time is over. */
function answerOf(worker: Worker, timeoutMs: number): Promise<FromWorker | Answer> {
  return new Promise((resolve) => {
    const settle = (answer: FromWorker | Answer): void => {
      clearTimeout(timer);
      worker.off('message', settle).off('error', onError).off('exit', onExit);
      resolve(answer);
    };
    const end = (why: string): void => settle({ kind: 'ended', why });
    const onError = (error: Error & { readonly code?: string }): void =>
      end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'ran out of memory' : `failed: ${error.message}`);
    const onExit = (): void => end('ended');
    const timer = setTimeout(() => {
      end(`took longer than ${timeoutMs / 1000} s`);
      void worker.terminate();
    }, timeoutMs);
    worker.on('message', settle).on('error', onError).on('exit', onExit);
  });
}
