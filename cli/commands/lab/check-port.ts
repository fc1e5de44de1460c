import { once } from 'node:events';
import { createServer } from 'node:net';
import { EXIT, fail } from '../../output/failure.ts';

/** Makes sure, before anything is started, that the port can be had. @throws CommandFailure */
export async function checkPort(port: number): Promise<void> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${code})`;
    fail(
      EXIT.usage,
      `Port ${port} ${why}; choose another one with --port N, or --port 0 for any that is free.`,
    );
  }
  server.close();
  await once(server, 'close');
}
