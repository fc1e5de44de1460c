/** What a diagnostic says, with the name that was probably meant, unless its message names that already. */
export function sentenceOf({
  message,
  suggestion,
}: {
  readonly message: string;
  readonly suggestion?: string | undefined;
}): string {
  if (suggestion === undefined || message.endsWith(`Use ${suggestion}.`)) return message;
  return `${message} Did you mean ${suggestion}?`;
}
