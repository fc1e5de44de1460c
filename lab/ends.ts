export type End = () => Promise<void> | void;

/** How the parts of something are ended. */
export interface Ends {
  /** To be called once a part has started. */
  push(end: End): void;
  /** Ends the parts, last started first; a second call waits for the first. @throws AggregateError */
  end(): Promise<void>;
}

/** Collects the ends of parts as they start, so that a start that fails half way can be undone as well. */
export function createEnds(): Ends {
  const ends: End[] = [];
  let ending: Promise<void> | undefined;
  return {
    push: (end) => void ends.push(end),
    end() {
      ending ??= endAll(ends);
      return ending;
    },
  };
}

/** One that fails to end does not keep the others alive. */
async function endAll(ends: End[]): Promise<void> {
  const failures: unknown[] = [];
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'The lab did not end cleanly.');
}
