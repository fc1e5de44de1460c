/**
 * - `lab.node_too_old` the Node that would run the app ignores the lab's proxy settings
 * - `lab.traffic_escapes` a process with the lab's settings does not go through the lab's proxy
 * - `lab.already_running`, `lab.not_running` there is, or is not, a lab of this user
 * - `lab.azurite_failed` the storage emulator did not start
 * - `lab.refused` the running lab did not accept a command
 */
export type LabErrorCode =
  | 'lab.node_too_old'
  | 'lab.traffic_escapes'
  | 'lab.already_running'
  | 'lab.not_running'
  | 'lab.azurite_failed'
  | 'lab.refused';

/** What the lab cannot do, in a sentence for people. */
export class LabError extends Error {
  readonly code: LabErrorCode;

  constructor(code: LabErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LabError';
    this.code = code;
  }
}
