import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { type CrossingBug, withBug } from './deliberate-bugs.ts';
import type { CrossingPlay } from './play.ts';

/** What a worker is to do: play, on the sources as they are or with a bug put into them. */
export interface CrossingWork {
  readonly play: CrossingPlay;
  readonly bug: CrossingBug | undefined;
}

const { play, bug } = workerData as CrossingWork;

if (bug) {
  const target = new URL(`../../shared/${bug.file}`, import.meta.url).href;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      return url === target ? { ...loaded, source: withBug(String(loaded.source), bug) } : loaded;
    },
  });
}

// After the hook, so that the sources are loaded through it.
const { playCrossing } = await import('./play.ts');
parentPort?.postMessage(await playCrossing(play));
