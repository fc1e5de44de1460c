/**
 * Loaded into the Azurite process before Azurite itself. When the lab lets go of the channel, or dies without
 * a word, Azurite closes its services (which writes its data out) and the process ends: no orphan is left.
 */
const CLOSING_MS = 5000;

process.once('disconnect', () => {
  // Azurite's own way to close; see its main file.
  process.emit('SIGTERM', 'SIGTERM');
  setTimeout(() => process.exit(0), CLOSING_MS).unref();
});
