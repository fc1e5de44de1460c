/**
 * Loaded into the Azurite process before Azurite itself. When the lab lets go of the channel, or dies without
 * a word, Azurite closes its services (which writes its data out) and the process ends: no orphan is left.
 */
const CLOSING_MS = 5000;

// Azurite reports its closing on its output, which is a broken pipe when the lab has died: no reason to fall over.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

process.once('disconnect', () => {
  process.emit('SIGTERM', 'SIGTERM'); // Azurite's own handler closes its services
  setTimeout(() => process.exit(0), CLOSING_MS).unref();
});
