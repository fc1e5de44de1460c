import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { callLab } from '../../../lab/control/running-lab.ts';
import { EXIT, fail } from '../../output/failure.ts';

const EXAMPLES = `
Example:
  $ outrider lab stop`;

const TIMEOUT_MS = 60_000;
const LOOK_MS = 100;

/** `outrider lab stop`: ends the running lab and waits until it is gone. */
export function registerStop(lab: Command): void {
  lab
    .command('stop')
    .description('End the running lab and wait until nothing of it is left.')
    .addHelpText('after', EXAMPLES)
    .action(stopLab);
}

async function stopLab(): Promise<void> {
  const { pid } = (await callLab('GET', '/ping')) as { readonly pid: number };
  await callLab('POST', '/stop');
  const deadline = Date.now() + TIMEOUT_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      fail(EXIT.no, `The lab (process ${pid}) has not ended within ${TIMEOUT_MS / 1000} s.`);
    }
    await sleep(LOOK_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
