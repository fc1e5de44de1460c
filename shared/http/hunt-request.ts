import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../caller.ts';
import { OutriderError } from '../errors.ts';
import type { HuntAsk } from '../hunting/ask/prepare-hunt.ts';
import type { CheckRequest } from '../hunting/ports.ts';
import type { ParameterDeclaration, ScalarType } from '../hunting/query.ts';
import { actAsOfBody } from './act-as.ts';
import type { Allow } from './acting-route.ts';
import { type Fields, readFields } from './body.ts';
import { readParameters } from './parameters.ts';

/** Longer queries are refused by the check, which says so better. */
const MOST_QUERY_CHARS = 4 * 1024 * 1024;
const MOST_ROWS = 1_000_000;
const MOST_TENANTS = 10_000;
const MOST_PARAMETERS = 200;
const MOST_KEYS = 100;
const SCALARS: readonly ScalarType[] = [
  'string',
  'int',
  'long',
  'real',
  'decimal',
  'bool',
  'datetime',
  'timespan',
  'guid',
];

const MOST_WAIT_SECONDS = 20;

/**
 * How long a request waits for its runs to end, in milliseconds: 20 seconds, or less where it prefers so.
 * `Prefer: wait=5` or `Prefer: respond-async`: https://www.rfc-editor.org/rfc/rfc7240
 */
export function waitMsOf(request: HttpRequest): number {
  const prefer = request.headers.get('prefer') ?? '';
  const seconds = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})\b/i.exec(prefer)?.[1];
  if (seconds !== undefined) return Math.min(Number(seconds), MOST_WAIT_SECONDS) * 1_000;
  return /(?:^|[,;])\s*respond-async\b/i.test(prefer) ? 0 : MOST_WAIT_SECONDS * 1_000;
}

/**
 * The hunt that a request asks for, by its body and its `Idempotency-Key`; in whose name, by its `actAs`, is told first.
 *
 * @throws OutriderError `request.invalid` naming every fault, `request.too_large`
 */
export async function readActingHunt(
  request: HttpRequest,
  { caller, allow }: { readonly caller: Caller; readonly allow: Allow },
): Promise<HuntAsk> {
  return readAsk(request, caller, { first: async (fields) => allow(actAsOfBody(fields)) });
}

/**
 * A hunt in a user's name is answered at once or not at all: what promises more is refused, not ignored.
 *
 * @throws OutriderError `user.app_context_needed`
 */
export function refuseLater(request: HttpRequest): void {
  const asksForLater = /(?:^|[,;])\s*respond-async\b/i.test(request.headers.get('prefer') ?? '');
  const later = request.headers.get('idempotency-key') !== null ? 'Idempotency-Key' : undefined;
  const header = asksForLater ? 'Prefer: respond-async' : later;
  if (header === undefined) return;
  throw new OutriderError(
    'user.app_context_needed',
    `A hunt in a user's own name is not kept, so ${header} cannot be honoured. Leave that header out, or ask in application context (without actAs).`,
  );
}

/** The hunt with the tenants that it names; undefined for all. Errors as above. */
export async function readHuntsAsk(
  request: HttpRequest,
  caller: Caller,
): Promise<{ readonly ask: HuntAsk; readonly tenants: readonly string[] | undefined }> {
  let tenants: readonly string[] | undefined;
  const more = async (fields: Fields): Promise<void> => {
    tenants = fields.texts('tenants', MOST_TENANTS);
  };
  const ask = await readAsk(request, caller, { first: more });
  return { ask, tenants };
}

async function readAsk(
  request: HttpRequest,
  caller: Caller,
  { first }: { readonly first: (fields: Fields) => Promise<void> },
): Promise<HuntAsk> {
  readParameters(request.query).done();
  const fields = await readFields(request);
  await first(fields);
  const text = fields.text('query', MOST_QUERY_CHARS);
  const id = fields.text('queryId', 200);
  if (fields.has('query') === fields.has('queryId')) {
    fields.fault('query, queryId: one of the two is needed, the KQL or the id of a query of the library.');
  }
  const ask = {
    query: id === undefined ? { text: text ?? '' } : { id },
    parameters: fields.object('parameters'),
    timespan: fields.text('timespan', 100),
    maxRows: fields.integer('maxRows', { from: 1, to: MOST_ROWS }),
    idempotencyKey: idempotencyKeyOf(request, fields),
    askedBy: caller.objectId,
  };
  fields.done();
  return ask;
}

function idempotencyKeyOf(request: HttpRequest, fields: Fields): string | undefined {
  const key = request.headers.get('idempotency-key');
  if (key === null) return undefined;
  if (!/^[\x20-\x7e]{1,200}$/.test(key) || key.trim() === '') {
    fields.fault('Idempotency-Key: must have 1 to 200 printable ASCII characters.');
  }
  return key;
}

/** A query to be checked, with what the check needs to know of it. */
export async function readCheckRequest(request: HttpRequest): Promise<CheckRequest> {
  readParameters(request.query).done();
  const fields = await readFields(request);
  const text = fields.text('query', MOST_QUERY_CHARS);
  if (!fields.has('query')) fields.fault('query: is missing.');
  const parameters = fields.objects('parameters', MOST_PARAMETERS, readDeclaration);
  const platform = fields.word('platform', ['xdr', 'sentinel'] as const);
  const keys = fields.texts('keys', MOST_KEYS);
  fields.done();
  return { text: text ?? '', parameters, platform, findings: keys && { keys } };
}

function readDeclaration(fields: Fields): ParameterDeclaration {
  const name = fields.text('name', 100);
  if (name === undefined || !/^[A-Za-z_]\w*$/.test(name)) {
    fields.fault('parameters: each needs a name of letters, digits and underscores.');
  }
  const type = fields.word('type', SCALARS) ?? 'string';
  return { name: name ?? '', type, list: fields.flag('list') ?? false, required: false };
}
