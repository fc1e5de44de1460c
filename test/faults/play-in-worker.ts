import { inWorker } from '../support/in-worker.ts';
import type { SeriesResult } from './series.ts';
import type { Work } from './worker.ts';

/** Plays in a thread of its own. */
export const playInWorker = (work: Work): Promise<SeriesResult> =>
  inWorker(new URL('./worker.ts', import.meta.url), work);
