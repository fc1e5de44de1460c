import type { Command } from 'commander';
import { readConfig } from '../../shared/config.ts';
import { createScreen } from '../output/screen.ts';
import { keptClientId, storeHere } from '../sign-in/here.ts';

/** `outrider logout`: forgets who is signed in, and all their tokens. */
export function registerLogout(program: Command): void {
  program
    .command('logout')
    .description('Forget who is signed in on this machine, and all their tokens.')
    .addHelpText('after', '\nExample:\n  $ outrider logout')
    .action(async () => {
      const clientId = await keptClientId(readConfig());
      const removed = clientId !== undefined && (await storeHere(clientId).remove());
      createScreen().line(
        removed ? 'Signed out: nothing of you is kept here any more.' : 'Nobody was signed in.',
      );
    });
}
