/** A fault of the app, its settings or its host.json that the runner names and does not repair. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError';
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
