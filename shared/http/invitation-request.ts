import type { HttpRequest } from '@azure/functions';
import { whyNoGuid } from '../id-words.ts';
import type { InvitationFacts } from '../tenants/onboarding/invitation.ts';
import type { InvitationWish } from '../tenants/onboarding/invitations.ts';
import { factsShape } from '../tenants/record.ts';
import { isGuid } from '../text.ts';
import { readFields } from './body.ts';
import { readParameters } from './parameters.ts';
import { checkedField, readFacts } from './tenant-request.ts';

const DAYS = { from: 1, to: 30 } as const;
const USUAL_DAYS = 7;
const MOST_CHARS = { from: 100, note: 500 } as const;

/**
 * The invitation that a request asks for.
 *
 * @throws OutriderError `request.invalid` naming every fault, `request.too_large`
 */
export async function readInvitationWish(request: HttpRequest): Promise<InvitationWish> {
  readParameters(request.query).done();
  const fields = await readFields(request);
  const tenantId = fields.text('tenantId', 64);
  if (tenantId !== undefined && !isGuid(tenantId)) fields.fault(`tenantId: ${whyNoGuid(tenantId)}.`);
  const credential = checkedField(fields, 'credential', factsShape.credential);
  if (!fields.has('credential')) fields.fault('credential: is missing.');
  const { name, api = 'graph', huntingApi = 'graph', sync, groups = [], tags = {} } = readFacts(fields);
  const wish = {
    tenantId: tenantId?.toLowerCase(),
    facts: { name, api, huntingApi, credential, sync: sync ?? {}, groups, tags },
    from: lineOf(fields.text('from', MOST_CHARS.from)),
    note: lineOf(fields.text('note', MOST_CHARS.note)),
    days: fields.integer('days', DAYS) ?? USUAL_DAYS,
  };
  for (const [field, value] of Object.entries({ name, from: wish.from })) {
    if (value !== undefined && /\p{Cc}/u.test(value)) fields.fault(`${field}: must be one line.`);
  }
  if (Object.values(wish.facts.sync).includes(null))
    fields.fault('sync: null is for tenants that are there.');
  fields.done();
  return { ...wish, facts: wish.facts as InvitationFacts };
}

/** Empty is as good as left out. */
function lineOf(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
