/**
 * Names of rows in the table `OutriderTenants`. All are in one partition, so that a record and its audit are written
 * in one transaction, and all tenants are read in one go:
 *
 * - `t|tenant`: the record
 * - `a|tenant|inverted revision`: its audit, newest first
 * - `i|invitation`: an invitation, with its own audit
 */
export const PARTITION = 'tenants';

const MOST_REVISIONS = 9_999_999_999;
const DIGITS = 10;

const RECORDS = 't|';
export const recordKey = (tenant: string): string => `${RECORDS}${tenant}`;
export const tenantOfKey = (key: string): string => key.slice(RECORDS.length);
/** All records: `from <= key < to`. */
export const RECORD_KEYS = { from: RECORDS, to: 't}' } as const;

const inverted = (revision: number): string => String(MOST_REVISIONS - revision).padStart(DIGITS, '0');
export const auditKey = (tenant: string, revision: number): string => `a|${tenant}|${inverted(revision)}`;
/** The audit of a tenant from its newest entry, or from the first one before a revision. */
export const auditKeys = (tenant: string, before?: number | undefined) => ({
  from: before === undefined ? `a|${tenant}|` : `a|${tenant}|${inverted(before)}~`,
  to: `a|${tenant}}`,
});

const INVITATIONS = 'i|';
export const invitationKey = (id: string): string => `${INVITATIONS}${id}`;
export const invitationOfKey = (key: string): string => key.slice(INVITATIONS.length);
/** All invitations: `from <= key < to`. */
export const INVITATION_KEYS = { from: INVITATIONS, to: 'i}' } as const;
