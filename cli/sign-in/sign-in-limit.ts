import { CommandFailure, EXIT } from '../output/failure.ts';

/** What ends a sign-in that is under way. */
export interface SignInLimit {
  /** Its reason is the CommandFailure to end with. */
  readonly signal: AbortSignal;
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Ends the sign-in with Ctrl-C, or when nobody has signed in for so many milliseconds. */
export function createSignInLimit(ms: number): SignInLimit {
  const controller = new AbortController();
  const end = (sentence: string) => (): void => controller.abort(new CommandFailure(EXIT.no, sentence));
  const onInterrupt = end('Sign-in was cancelled. Nothing has changed.');
  const timer = setTimeout(
    end(
      `Nobody has signed in within ${ms / 60_000} minutes, so sign-in has ended. Try again, or by a browser on another machine: outrider login --device-code`,
    ),
    ms,
  );
  for (const signal of SIGNALS) process.once(signal, onInterrupt);
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      for (const signal of SIGNALS) process.off(signal, onInterrupt);
    },
  };
}
