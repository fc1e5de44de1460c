import { readFileSync, watch } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { advance } from './moving-time.ts';

/**
 * Loaded into the app's process before anything else (`--import`): its time is as far ahead of the machine's as the file
 * says that `OUTRIDER_TEST_TIME` names, in milliseconds. Each move is told on the console, for the test to wait for.
 */
let ahead = 0;

/** @returns whether time has moved */
function follow(file: string): boolean {
  const text = readFileSync(file, 'utf8');
  const wanted = Number(text);
  // A file that is just being written is empty.
  if (text === '' || wanted === ahead) return false;
  advance(wanted - ahead);
  ahead = wanted;
  return true;
}

const file = process.env.OUTRIDER_TEST_TIME;
if (file !== undefined && isMainThread) {
  follow(file);
  watch(file, () => {
    if (follow(file)) console.log(`time is ahead by ${ahead}`);
  }).unref();
}
