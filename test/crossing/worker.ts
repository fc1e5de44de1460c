import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { type CrossingBug, withBug } from './deliberate-bugs.ts';

// Plays on the sources with a bug put into them.
const bug = workerData as CrossingBug;
const target = new URL(`../../${bug.file}`, import.meta.url).href;
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    return url === target ? { ...loaded, source: withBug(String(loaded.source), bug) } : loaded;
  },
});

// After the hook, so that the sources are loaded through it.
async function play(): Promise<readonly string[]> {
  if (bug.play === 'persons') {
    const { LIGHT_PERSON_PLAY, playPersons } = await import('./person-play.ts');
    return (await playPersons(LIGHT_PERSON_PLAY)).crossings;
  }
  const { LIGHT_PLAY, playCrossing } = await import('./play.ts');
  return (await playCrossing(LIGHT_PLAY)).crossings;
}

parentPort?.postMessage(await play());
