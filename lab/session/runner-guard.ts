/**
 * Loaded into the runner's process before the runner itself. When the lab dies without a word the channel to it
 * closes, and the runner ends as it would have been ended: no orphan keeps the port.
 */
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
