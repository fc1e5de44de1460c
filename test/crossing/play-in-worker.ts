import { inWorker } from '../support/in-worker.ts';
import type { CrossingBug } from './deliberate-bugs.ts';

/** Plays with a bug in a thread of its own. Gives the crossings seen. */
export const crossingsWith = (bug: CrossingBug): Promise<readonly string[]> =>
  inWorker(new URL('./worker.ts', import.meta.url), bug);
