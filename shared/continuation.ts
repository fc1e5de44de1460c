import { createHash } from 'node:crypto';
import { OutriderError } from './errors.ts';

/** Format number of the tokens. */
const FORMAT = 1;

/** Where a listing goes on, as an opaque token. */
export interface Continuation {
  tokenFor(key: string): string;
  /** @throws OutriderError `request.invalid` for a token that is not ours, or of a listing with another filter */
  keyOf(token: string): string;
}

/**
 * Tokens of one listing. A token says where, never whose: the partition comes from the route and the caller's rights
 * alone.
 *
 * @param filter all that the listing is narrowed by, in a canonical form
 * @param isKey whether a key can be one of this listing's
 */
export function continuationOf(filter: readonly unknown[], isKey: (key: string) => boolean): Continuation {
  const hash = createHash('sha256').update(JSON.stringify(filter)).digest('hex').slice(0, 16);
  return {
    tokenFor: (key) => Buffer.from(JSON.stringify({ v: FORMAT, k: key, f: hash })).toString('base64url'),
    keyOf(token) {
      const { v, k, f } = contentOf(token);
      if (v !== FORMAT || typeof k !== 'string' || !isKey(k)) {
        throw new OutriderError(
          'request.invalid',
          'The continuation token is not one that Outrider gave. Start again without it.',
        );
      }
      if (f === hash) return k;
      throw new OutriderError(
        'request.invalid',
        'The continuation token belongs to a listing with other filters. Repeat the filters of the first page, or start again without it.',
      );
    },
  };
}

function contentOf(token: string): { readonly v?: unknown; readonly k?: unknown; readonly f?: unknown } {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString()) ?? {};
  } catch {
    return {};
  }
}
