/** Exit codes of every command. */
export const EXIT = {
  /** Done. */
  done: 0,
  /** The answer is no: something failed, or is not there. */
  no: 1,
  /** Wrong use: arguments that cannot be, or a start in a place that is taken. */
  usage: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one sentence for people. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}

/** Ends the command: `main` prints the sentence on stderr and exits with the code. @throws CommandFailure */
export function fail(exitCode: ExitCode, sentence: string): never {
  throw new CommandFailure(exitCode, sentence);
}

/** Any error's text, with its causes where the text does not say them already. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(messageOf).join(' ');
  }
  return error instanceof Error ? error.message : String(error);
}

/** Codes of coded errors that mean wrong use; every other error is a plain no. */
const USAGE_CODES = new Set<unknown>(['lab.already_running', 'config.invalid', 'config.cloud_unsupported']);

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandFailure) return error.exitCode;
  if (error instanceof Error && 'code' in error && USAGE_CODES.has(error.code)) return EXIT.usage;
  return EXIT.no;
}
