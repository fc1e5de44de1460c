/** Being asked to end: by a signal, by `outrider lab stop`, or by the end of npm. */
export interface Interrupt {
  /** Aborted when the lab is to end in order. */
  readonly signal: AbortSignal;
  /** The same as a promise. */
  readonly asked: Promise<void>;
  ask(): void;
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const LOOK_MS = 500;

/**
 * Listens to the signals that end a program. The first asks for an orderly end, and `onForce` is called for a
 * second Ctrl-C.
 */
export function createInterrupt(onForce: () => void): Interrupt {
  const controller = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const ask = (): void => {
    controller.abort();
    resolve();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted && signal === 'SIGINT') onForce();
    ask();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const look = watchNpm(ask);
  return {
    signal: controller.signal,
    asked,
    ask,
    dispose() {
      clearInterval(look);
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

/**
 * npm passes a SIGTERM to the shell of its script, and most shells die of it without passing it on. So `npm start`
 * that was ended is seen by having another parent.
 */
function watchNpm(onGone: () => void): NodeJS.Timeout | undefined {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, LOOK_MS).unref();
}
