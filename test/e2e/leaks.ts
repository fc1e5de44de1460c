import { findSecrets } from '../secrets/find-secrets.ts';
import { piecesOf } from '../secrets/pieces.ts';
import { createSecretIndex } from '../secrets/secret-index.ts';

/**
 * The texts in which a secret shows: how each begins, for the failure's message. The scan of the whole run finds the
 * same, and says more of it; a test that asks for it fails by itself.
 */
export function findLeaks(secrets: readonly string[], texts: readonly string[]): string[] {
  const index = createSecretIndex(secrets.map((value) => piecesOf({ kind: 'vault secret', value })));
  return texts
    .filter((text) => findSecrets(index, Buffer.from(text)).length > 0)
    .map((text) => text.slice(0, 20));
}
