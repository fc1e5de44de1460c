import { randomUUID } from 'node:crypto';
import { isOutriderError, OutriderError } from '../../errors.ts';
import type { TableStore } from '../../storage.ts';
import { INVITATION_KEYS, invitationKey, invitationOfKey, PARTITION } from '../keys.ts';
import type { Invitation } from './invitation.ts';
import { decodeInvitation, invitationColumns } from './stored-invitation.ts';

export interface StoredInvitation {
  readonly invitation: Invitation;
  readonly etag: string;
}

/** @throws OutriderError `storage.*` */
export async function readInvitation(table: TableStore, id: string): Promise<StoredInvitation | undefined> {
  const row = await table.get(PARTITION, invitationKey(id));
  return row && { invitation: decodeInvitation(id, row), etag: row.etag };
}

/** All, in the order of their ids; those that cannot be read are named. */
export async function readInvitations(
  table: TableStore,
): Promise<{ readonly invitations: readonly Invitation[]; readonly unreadable: readonly string[] }> {
  const invitations: Invitation[] = [];
  const unreadable: string[] = [];
  for await (const rows of table.range(PARTITION, INVITATION_KEYS.from, INVITATION_KEYS.to)) {
    for (const row of rows) {
      try {
        invitations.push(decodeInvitation(invitationOfKey(row.key), row));
      } catch (error) {
        if (!isOutriderError(error, 'storage.unreadable')) throw error;
        unreadable.push(error.message);
      }
    }
  }
  return { invitations, unreadable };
}

/**
 * Writes an invitation, only if nobody wrote it since it was read.
 *
 * @param etag of the row as read; undefined for a new one
 * @throws OutriderError `storage.conflict` when somebody else was faster, `storage.*`
 */
export async function writeInvitation(
  table: TableStore,
  invitation: Invitation,
  etag: string | undefined,
): Promise<void> {
  const writer = randomUUID();
  const key = invitationKey(invitation.id);
  const columns = invitationColumns(invitation, writer);
  try {
    await table.transact(PARTITION, [
      etag ? { op: 'replace', key, columns, etag } : { op: 'insert', key, columns },
    ]);
  } catch (error) {
    // The answer may have been lost after the write took effect, or a retry of the SDK met its own first try.
    if (!isOutriderError(error, 'storage.conflict', 'storage.unavailable', 'storage.not_found')) throw error;
    const now = await table.get(PARTITION, key);
    if (now?.columns.writer === writer) return;
    throw now?.etag === etag ? error : changedMeanwhile(invitation.id, error);
  }
}

function changedMeanwhile(id: string, cause: unknown): OutriderError {
  return new OutriderError('storage.conflict', `Somebody else changed the invitation ${id} meanwhile.`, {
    cause,
  });
}
