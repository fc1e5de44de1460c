import { OutriderError } from '../../../shared/errors.ts';
import type { JumpingClock } from '../../support/jumping-clock.ts';
import type { Ports } from './hunt-rig.ts';

/** What can go wrong with one call of storage or queue. */
export const FAULTS = [
  /** It fails, and did nothing. */
  'fails',
  /** It took effect, and its answer was lost. */
  'answerLost',
  /** It took effect, and the library's retry of it met what its first try had done. */
  'doneTwice',
  /** The instance dies before it. */
  'diesBefore',
  /** The instance dies behind it. */
  'diesAfter',
  /** The instance stands still for ten minutes before it, and then goes on as if nothing had happened. */
  'sleeps',
] as const;
export type Fault = (typeof FAULTS)[number];

const SLEEP_MS = 10 * 60_000;
const lost = (): OutriderError => new OutriderError('storage.unavailable', 'the test broke this call');

/** Counts the calls of all ports, and breaks those that the plan names by number, from 1. */
export function createFaultyPorts(clock: () => JumpingClock, plan: ReadonlyMap<number, Fault>) {
  let calls = 0;

  /** An instance: when it dies or stands still, it does so with all that it is about. */
  interface Instance {
    readonly leave: () => void;
    awake: Promise<void>;
  }

  async function through<T>(instance: Instance, work: () => Promise<T>): Promise<T> {
    await instance.awake;
    const fault = plan.get(++calls);
    const gone = (): Promise<T> => {
      instance.awake = new Promise(() => {});
      instance.leave();
      return new Promise(() => {});
    };
    switch (fault) {
      case undefined:
        return work();
      case 'fails':
        throw lost();
      case 'answerLost':
        await work();
        throw lost();
      case 'doneTwice':
        await work();
        return work();
      case 'diesBefore':
        return gone();
      case 'diesAfter':
        await work();
        return gone();
      case 'sleeps':
        instance.awake = clock().sleep(SLEEP_MS);
        instance.leave();
        await instance.awake;
        return work();
    }
  }

  return {
    calls: () => calls,
    wrap: ({ table, blobs, queue }: Ports, leave: () => void): Ports => {
      const instance: Instance = { leave, awake: Promise.resolve() };
      return {
        table: {
          ...table,
          get: (partition, key) => through(instance, () => table.get(partition, key)),
          transact: (partition, writes) => through(instance, () => table.transact(partition, writes)),
        },
        blobs: {
          ...blobs,
          put: (name, content, metadata) => through(instance, () => blobs.put(name, content, metadata)),
          get: (name) => through(instance, () => blobs.get(name)),
          create(name) {
            const writer = blobs.create(name);
            return {
              stage: (block) => through(instance, () => writer.stage(block)),
              commit: (blocks) => through(instance, () => writer.commit(blocks)),
            };
          },
        },
        queue: { send: (text, options) => through(instance, () => queue.send(text, options)) },
      };
    },
  };
}
