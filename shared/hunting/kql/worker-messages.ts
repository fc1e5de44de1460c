import type { CheckRequest, CheckResult } from '../ports.ts';
import type { HuntingSchema } from './schema.ts';

/** What the worker is started with. */
export interface WorkerStart {
  /** Absent: the schema of advanced hunting. */
  readonly schema?: HuntingSchema | undefined;
}

/** What the worker is sent: a query. It answers each before it is sent the next. */
export type ToWorker = CheckRequest;

/** What it says: that it is ready, and the answer to a query. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'checked';
      readonly result: CheckResult;
      /** Bytes of its heap in use, garbage included. */
      readonly heapUsed: number;
    }
  | { readonly kind: 'failed'; readonly message: string; readonly heapUsed: number };
