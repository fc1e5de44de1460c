import { LabError } from '../lab-error.ts';
import { callControl } from './client.ts';
import { readRunningLab, stateFilePath } from './state-file.ts';

/**
 * Finds the running lab of this user and sends it a command.
 *
 * @returns the answer's JSON, undefined for none
 * @throws LabError `lab.not_running`, `lab.refused` with the lab's own words
 */
export async function callLab(
  method: string,
  path: string,
  body?: unknown,
  stateFile: string = stateFilePath(),
): Promise<unknown> {
  const running = await readRunningLab(stateFile);
  if (running === undefined) {
    throw new LabError('lab.not_running', 'No lab is running; start one with `npm start` or `outrider lab`.');
  }
  if (running.control === undefined) {
    throw new LabError('lab.not_running', 'The lab is still starting; try again in a moment.');
  }
  return callControl(running.control, method, path, body);
}
