/** Lets so many pieces of work run at once; the others wait for their turn, in the order in which they came. */
export function createGate(limit: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < limit) running += 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The turn passes from one to the next.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
