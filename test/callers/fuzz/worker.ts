import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { type CallersBug, withBug } from './bugs.ts';
import type { CallersSeries } from './play.ts';

/** What a worker is to do: play a series, on the sources as they are or with a bug put into them. */
export interface CallersWork {
  readonly series: CallersSeries;
  readonly bug?: CallersBug | undefined;
}

const { series, bug } = workerData as CallersWork;
const SHARED = new URL('../../../shared/', import.meta.url).href;
/** The routes' guard asks this for the app: here it is what the play gives it. */
const APP =
  'let app; export const use = (given) => { app = given; }; export const loadApp = async () => ({ app });';

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.startsWith(SHARED)) return loaded;
    const file = url.slice(SHARED.length);
    if (file === 'http/load-app.ts') return { ...loaded, source: APP };
    return bug ? { ...loaded, source: withBug(file, String(loaded.source), bug) } : loaded;
  },
});

// After the hook, so that the sources are loaded through it.
const { playCallers } = await import('./play.ts');
const { use } = (await import('../../../shared/http/load-app.ts')) as unknown as {
  readonly use: Parameters<typeof playCallers>[1];
};
parentPort?.postMessage(await playCallers(series, use));
