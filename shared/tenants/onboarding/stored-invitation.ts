import * as z from 'zod';
import { OutriderError } from '../../errors.ts';
import type { Columns, Row } from '../../storage.ts';
import { guid, nameSchema, storedCredentialSchema, syncSchema } from '../../tenant-schema.ts';
import { actorSchema, FORMAT, factsShape } from '../record.ts';
import type { Invitation } from './invitation.ts';

const ms = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const stored = z.looseObject({
  id: guid,
  revision: z.int().min(1),
  tenantId: guid.optional(),
  facts: z.looseObject({
    ...factsShape,
    name: nameSchema.optional(),
    credential: storedCredentialSchema,
    sync: z.looseObject(syncSchema.partial().shape),
  }),
  from: z.string().optional(),
  note: z.string().optional(),
  secretHash: hash,
  browserHash: hash,
  createdMs: ms,
  createdBy: actorSchema,
  expiresMs: ms,
  withdrawnMs: ms.optional(),
  use: z.looseObject({ tenantId: guid, atMs: ms, doneMs: ms.optional() }).optional(),
  events: z.array(z.looseObject({ atMs: ms, what: z.string() })),
});

export function invitationColumns(invitation: Invitation, writer: string): Columns {
  return { v: FORMAT, writer, invitation: JSON.stringify(invitation) };
}

/** @throws OutriderError `storage.unreadable` */
export function decodeInvitation(id: string, { columns: { v, invitation } }: Row): Invitation {
  const parsed = v === FORMAT ? stored.safeParse(parse(invitation)) : undefined;
  if (parsed?.success && parsed.data.id === id) return parsed.data as unknown as Invitation;
  throw new OutriderError(
    'storage.unreadable',
    `The stored invitation ${id} cannot be read by this version of Outrider. Delete the row i|${id} of the table OutriderTenants, and invite again.`,
  );
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
