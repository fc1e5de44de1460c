import type { HttpRequest } from '@azure/functions';
import { OutriderError } from '../errors.ts';

/** Which revisions of what it changes a caller has seen. */
export type SeenRevisions = 'any' | readonly number[];

/** The ETag of a revision: a strong one, since each change makes another. https://www.rfc-editor.org/rfc/rfc9110#name-etag */
export const etagOf = (revision: number): string => `"${revision}"`;

const LIST = /^(?:\s*,)*\s*(?:W\/)?"[^"]*"\s*(?:,\s*(?:(?:W\/)?"[^"]*"\s*)?)*$/;

/**
 * What `If-Match` says: `*`, or ETags that earlier answers gave. One that no answer gave stands for a version that is
 * gone; a weak one never matches. https://www.rfc-editor.org/rfc/rfc9110#name-if-match
 *
 * @throws OutriderError `request.precondition_missing` without the header, `request.invalid` for what is no ETag
 */
export function seenRevisionsOf(request: HttpRequest): SeenRevisions {
  const value = request.headers.get('if-match')?.trim() ?? '';
  if (value === '') {
    throw new OutriderError(
      'request.precondition_missing',
      'If-Match is missing. Read the tenant, and send the ETag of that answer: so that nobody changes what they have not seen.',
    );
  }
  if (value === '*') return 'any';
  if (value.length > 1_000 || !LIST.test(value)) {
    throw new OutriderError(
      'request.invalid',
      'If-Match must be the ETag of an earlier answer, such as "3".',
    );
  }
  return [...value.matchAll(/(W\/)?"(\d{1,15})"/g)].flatMap(([, weak, revision]) =>
    weak === undefined ? [Number(revision)] : [],
  );
}
