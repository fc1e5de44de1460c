/** Length of a piece of a secret that must not show. */
const PIECE = 20;
/** Runs of characters that tokens and secrets are made of. */
const SUSPECT = /[\w.~+/=-]{20,}/g;

/**
 * The texts in which a secret shows, whole or any 20 characters of it in a row: their beginnings, for the failure's
 * message, without the secret itself.
 */
export function findLeaks(secrets: readonly string[], texts: readonly string[]): string[] {
  const pieces = new Set<string>();
  for (const secret of secrets) {
    for (let at = 0; at + PIECE <= secret.length; at++) pieces.add(secret.slice(at, at + PIECE));
  }
  const short = secrets.filter(({ length }) => length < PIECE);
  return texts
    .filter((text) => short.some((secret) => text.includes(secret)) || holdsPiece(text, pieces))
    .map((text) => text.slice(0, PIECE));
}

function holdsPiece(text: string, pieces: ReadonlySet<string>): boolean {
  for (const [run] of text.matchAll(SUSPECT)) {
    for (let at = 0; at + PIECE <= run.length; at++) {
      if (pieces.has(run.slice(at, at + PIECE))) return true;
    }
  }
  return false;
}
