import { createHash, randomBytes } from 'node:crypto';
import { type ErrorCode, OutriderError } from '../../errors.ts';

/** What became of one tenant when a hunt across tenants was asked for. */
export type GroupEntry =
  | { readonly tenant: string; readonly run: string }
  | {
      readonly tenant: string;
      /** Why there is no run in this tenant. */
      readonly failure: { readonly code: ErrorCode; readonly text: string };
    };

/** A hunt across tenants: one run for each, or why there is none. */
export interface HuntGroup {
  readonly id: string;
  readonly askedBy: string;
  readonly requestedMs: number;
  readonly entries: readonly GroupEntry[];
  /** Tells whether another request under the same idempotency key asks for the same. */
  readonly asked?: string | undefined;
}

/** The same key of the same asker is the same group: its runs are found again by the key as well. */
export function newGroupId(askedBy: string, idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return randomBytes(16).toString('hex');
  return createHash('sha256')
    .update(JSON.stringify(['group', askedBy, idempotencyKey]))
    .digest('hex')
    .slice(0, 32);
}

/** The answer for an id that no group has. */
export function absentGroup(): OutriderError {
  return new OutriderError(
    'request.not_found',
    'There is no such group of hunting runs. It may be older than what is kept.',
  );
}
