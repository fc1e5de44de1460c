import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { DeliberateBug } from './deliberate-bugs.ts';
import type { Series } from './series.ts';

/** What a worker is to do: play a series, on the sync as it is or with a bug put into it. */
export interface Work {
  readonly series: Series;
  readonly bug?: DeliberateBug;
}

const { series, bug } = workerData as Work;

if (bug) {
  const target = new URL(`../../shared/${bug.file}`, import.meta.url).href;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url !== target) return loaded;
      return { ...loaded, source: withBug(String(loaded.source), bug) };
    },
  });
}

function withBug(source: string, { name, file, find, put }: DeliberateBug): string {
  const parts = source.split(find);
  if (parts.length === 2) return parts.join(put);
  throw new Error(
    `The bug “${name}” finds its text ${parts.length - 1} times in shared/${file}; it must be once.`,
  );
}

const { playSeries } = await import('./series.ts');
parentPort?.postMessage(await playSeries(series));
