import { isOutriderError, OutriderError, type TextFault } from '../../errors.ts';
import { sentenceOf } from '../diagnostic-sentence.ts';
import { bindParameters } from '../parameters/bind.ts';
import type { KqlService } from '../ports.ts';
import type { HuntingQuery } from '../query.ts';
import type { HuntRequest } from '../run/types.ts';
import type { CheckedLibrary } from './checked-library.ts';
import { placedIn } from './shown-check.ts';

/** A hunt as a person or program asks for it. */
export interface HuntAsk {
  /** KQL, an id of the library, or a query that is not in the library: one read from a file. */
  readonly query: { readonly text: string } | { readonly id: string } | { readonly definition: HuntingQuery };
  /** Values by parameter name, as `bindParameters` takes them. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** ISO 8601. Default: 30 days. */
  readonly timespan?: string | undefined;
  readonly maxRows?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Object id of the caller, or who else asks. */
  readonly askedBy: string;
}

/** What is the same in all tenants. */
export type PreparedHunt = Omit<HuntRequest, 'tenant' | 'group'>;

/**
 * Finds the query, binds its parameters and checks exactly what would be sent. Nothing is sent or stored.
 *
 * @throws OutriderError `request.invalid` for an unknown query, or one that cannot be run; `hunt.parameter_invalid`
 * naming every parameter; `hunt.query_invalid` with what is wrong and where in the query's own text
 */
export async function prepareHunt(
  { library, kql }: { readonly library: CheckedLibrary; readonly kql: () => Pick<KqlService, 'check'> },
  ask: HuntAsk,
): Promise<PreparedHunt> {
  const { parameters = {}, timespan, maxRows, idempotencyKey, askedBy } = ask;
  const { text, definition } = await queryOf(library, ask);
  const bound = bindParameters(definition?.parameters ?? [], parameters);
  const check = await kql().check({ text: bound + text, platform: definition?.platform });
  const errors = check.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw refused(placedIn(text, errors, bound.length));
  return {
    text: bound + text,
    check,
    origin: 'adhoc',
    askedBy,
    parameters,
    timespan,
    maxRows,
    idempotencyKey,
    ...(definition ? { query: { id: definition.id, version: definition.version } } : {}),
  };
}

async function queryOf(
  library: CheckedLibrary,
  { query }: HuntAsk,
): Promise<{ readonly text: string; readonly definition?: HuntingQuery }> {
  if ('text' in query) return { text: query.text };
  const definition = 'definition' in query ? query.definition : await findQuery(library, query.id);
  const { id, text, notRunnable } = definition;
  if (notRunnable === undefined) return { text, definition };
  throw new OutriderError('request.invalid', `The query ${id} cannot be run as it is: ${notRunnable}`);
}

/** In a body an unknown id is a fault of the body: the address is right. */
async function findQuery(library: CheckedLibrary, id: string): Promise<HuntingQuery> {
  try {
    return await library.find(id);
  } catch (error) {
    if (!isOutriderError(error, 'request.not_found')) throw error;
    throw new OutriderError('request.invalid', `queryId: ${error.message}`);
  }
}

function refused(faults: readonly TextFault[]): OutriderError {
  return new OutriderError(
    'hunt.query_invalid',
    'The query has errors and was not run. Correct them first.',
    {
      details: faults.map((fault) => `${fault.line}:${fault.column}: ${fault.code} ${sentenceOf(fault)}`),
      textFaults: faults,
    },
  );
}
