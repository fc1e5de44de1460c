/** Being asked to end, by a signal or by `outrider lab stop`. */
export interface Interrupt {
  /** Aborted when the lab is to end in order. */
  readonly signal: AbortSignal;
  /** The same as a promise. */
  readonly asked: Promise<void>;
  ask(): void;
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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
  return {
    signal: controller.signal,
    asked,
    ask,
    dispose() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
