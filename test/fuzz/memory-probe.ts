/**
 * Loaded into the app's process before anything else: tells the test, when asked, what is left of the process's memory
 * once all garbage has been collected. Needs `--expose-gc` and an IPC channel.
 */
const ROUNDS = 4;

process.on('message', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.();
    // Finalizers and closed sockets are let go of between the rounds.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.send?.(process.memoryUsage());
});
process.channel?.unref();
