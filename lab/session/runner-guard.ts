/**
 * Loaded into the runner's process before the runner itself. When the lab dies without a word the channel to it
 * closes, and the runner ends: its cloud is gone, and an orphan would keep the port.
 */
process.once('disconnect', () => process.exit(0));
