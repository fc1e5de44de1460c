import { isOutriderError, OutriderError } from '../../errors.ts';
import { bindParameters } from '../parameters/bind.ts';
import type { CheckResult, KqlService } from '../ports.ts';
import type { HuntingQuery } from '../query.ts';

/** A query as a schedule sends it. */
export interface PreparedQuery {
  /** With its parameters' defaults bound in front. */
  readonly text: string;
  readonly check: CheckResult;
}

/**
 * Binds and checks a scheduled query.
 *
 * @throws OutriderError `hunt.query_invalid` or `hunt.parameter_invalid` with what to do
 */
export type PrepareQuery = (query: HuntingQuery) => Promise<PreparedQuery>;

/** The checker itself failed, which another try may not: not kept. */
const CHECKER_FAILED = 'KQL900';
const MOST_TOLD = 3;

/** Prepares each query once for all tenants: a query object of the library never changes. */
export function createPrepareQuery(kql: Pick<KqlService, 'check'>): PrepareQuery {
  const known = new WeakMap<HuntingQuery, Promise<PreparedQuery>>();

  function preparedOnce(query: HuntingQuery): Promise<PreparedQuery> {
    const found = known.get(query);
    if (found) return found;
    const prepared = prepare(kql, query);
    known.set(query, prepared);
    prepared.then(
      ({ check }) => {
        if (check.diagnostics.some(({ code }) => code === CHECKER_FAILED)) known.delete(query);
      },
      (error: unknown) => {
        if (!isOutriderError(error, 'hunt.parameter_invalid')) known.delete(query);
      },
    );
    return prepared;
  }

  return async (query) => accepted(query, await preparedOnce(query));
}

async function prepare(kql: Pick<KqlService, 'check'>, query: HuntingQuery): Promise<PreparedQuery> {
  const text = bindParameters(query.parameters, {}) + query.text;
  const check = await kql.check({ text, platform: query.platform, findings: { keys: query.keys } });
  return { text, check };
}

function accepted({ id, notRunnable, source }: HuntingQuery, prepared: PreparedQuery): PreparedQuery {
  if (notRunnable !== undefined) {
    throw new OutriderError(
      'hunt.query_invalid',
      `Query ${id} cannot be run as it is: ${notRunnable} Correct ${source.file}, or take its schedule away.`,
    );
  }
  const errors = prepared.check.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return prepared;
  const told = errors.slice(0, MOST_TOLD).map(({ code, message }) => `${code}: ${message}`);
  const more = errors.length > MOST_TOLD ? ` And ${errors.length - MOST_TOLD} more.` : '';
  throw new OutriderError(
    'hunt.query_invalid',
    `Query ${id} has errors and was not sent. ${told.join(' ')}${more} Correct ${source.file}; "outrider queries check" shows each place.`,
  );
}
