import { inWorker } from '../../support/in-worker.ts';
import type { CallersResult } from './play.ts';
import type { CallersWork } from './worker.ts';

/** Plays in a thread of its own. */
export const playInWorker = (work: CallersWork): Promise<CallersResult> =>
  inWorker(new URL('./worker.ts', import.meta.url), work);
