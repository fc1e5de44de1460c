import type { CheckRequest, CheckResult, KqlService } from '../ports.ts';
import { found } from './codes.ts';
import { unfit } from './guard.ts';
import type { HuntingSchema } from './schema.ts';
import { uncheckable } from './unchecked.ts';
import { type Answer, startWorker, type WorkerHandle } from './worker-handle.ts';

export interface KqlServiceOptions {
  /** Default: the schema of advanced hunting. */
  readonly schema?: HuntingSchema | undefined;
  /** Longest time for one query, in milliseconds; most take 10. Default 20 s. */
  readonly timeoutMs?: number;
  /** Ceiling of the worker's heap, in MiB; the service itself lives in 60. Default 256. */
  readonly heapMb?: number;
}

export interface WarmKqlService extends KqlService {
  /** Starts the worker now, so that the first check does not wait for all of it. Whether it came up is told by the checks. */
  warmUp(): void;
}

/** How long a start may take on a machine that is busy with other things. */
const START_MS = 60_000;
/** Above this part of its heap a worker is replaced before the next query. */
const FULL = 0.8;
const MIB = 1024 * 1024;

/**
 * Microsoft's KQL language service with a schema, in a worker thread that starts with the first check and is started
 * again when it dies, hangs or grows. One query at a time, in the order asked. An idle service does not keep the
 * process alive.
 *
 * `check` rejects only when the service does not come up at all, or is closed.
 */
export function createKqlService(options: KqlServiceOptions = {}): WarmKqlService {
  const { schema, timeoutMs = 20_000, heapMb = 256 } = options;
  let worker: Promise<WorkerHandle> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function drop(): Promise<void> {
    const dropped = worker;
    worker = undefined;
    await (await dropped?.catch(() => undefined))?.stop();
  }

  function started(): Promise<WorkerHandle> {
    worker ??= startWorker({ schema, heapMb, startMs: START_MS });
    return worker;
  }

  async function checkNext(request: CheckRequest): Promise<CheckResult> {
    if (closed) throw new Error('The KQL language service is closed.');
    let answer: Answer;
    try {
      if (!(await started()).isAlive()) await drop();
      answer = await (await started()).ask(request, timeoutMs);
    } catch (error) {
      await drop();
      throw error;
    }
    if (answer.kind === 'ended' || answer.heapUsed > FULL * heapMb * MIB) await drop();
    if (answer.kind === 'checked') return answer.result;
    return uncheckable([failure(answer.kind === 'ended' ? answer.why : `failed: ${answer.message}`)]);
  }

  return {
    check(request) {
      const reason = unfit(request.text);
      if (reason !== undefined) return Promise.resolve(uncheckable([reason]));
      const checked = last.then(() => checkNext(request));
      last = checked.catch(() => undefined);
      return checked;
    },
    warmUp: () => void started().catch(() => undefined),
    async close() {
      closed = true;
      await drop();
    },
  };
}

const failure = (why: string) =>
  found(
    'KQL900',
    { start: 0, length: 0 },
    `The checker ${why.replace(/\.$/, '')}. The query was not checked; a simpler one may be.`,
  );
