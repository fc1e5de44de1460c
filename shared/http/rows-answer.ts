import type { HttpResponseInit } from '@azure/functions';
import { OutriderError } from '../errors.ts';
import type { PageSize, RowsPage } from '../hunting/ask/rows-page.ts';
import type { HuntRunDetails } from '../hunting/run/types.ts';
import type { RowsFormat } from './accept.ts';
import { csvOf } from './csv.ts';
import type { Parameters } from './parameters.ts';
import { jsonWithRows, nextRowsLink, truncationHeaders } from './run-answer.ts';

/** Of rows in one answer, in characters: an instance may have 512 MB. */
const MOST_CHARS = 16 * 1024 * 1024;
const MOST_ROWS = 100_000;
const JSON_ROWS = 1_000;

/** Rows that an answer has beside what it is about. */
export const FIRST_PAGE: PageSize = { from: 0, count: JSON_ROWS, mostChars: MOST_CHARS };

/** What a request for rows asks for. `top` undefined: all, in the forms that have no place for a link. */
export interface RowsRequest {
  readonly format: RowsFormat;
  readonly from: number;
  readonly top: number | undefined;
}

export function readRowsRequest(parameters: Parameters, format: RowsFormat): RowsRequest {
  const from = parameters.integer('from', { from: 0, to: 999_999_999, fallback: 0 });
  const top = parameters.integer('top', { from: 1, to: MOST_ROWS, fallback: 0 });
  parameters.done();
  return { format, from, top: top === 0 ? (format === 'json' ? JSON_ROWS : undefined) : top };
}

export const pageSizeOf = ({ from, top }: RowsRequest): PageSize => ({
  from,
  count: top,
  mostChars: MOST_CHARS,
});

/**
 * Rows in the form asked for. JSON has a `nextLink`, the others a `Link` header, to the next page; NDJSON that is not
 * whole, because the result is not, ends with a line that says so.
 *
 * @throws OutriderError `request.invalid` when all rows were asked for and are too many for one answer
 */
export function rowsAnswer(
  run: HuntRunDetails,
  page: RowsPage,
  { format, top }: RowsRequest,
  requestUrl: string,
): HttpResponseInit {
  if (page.next !== undefined && top === undefined) throw tooMany(run, page);
  const { truncation } = run;
  const nextLink = nextRowsLink(requestUrl, run, page, top);
  const headers = {
    ...truncationHeaders(run),
    ...(nextLink === undefined ? {} : { link: `<${nextLink}>; rel="next"` }),
  };
  const truncated = run.state === 'truncated';
  if (format === 'json') {
    const { id, tenant, state, rows: rowCount, columns } = run;
    const { from } = page;
    const facts = { runId: id, tenantId: tenant, state, truncated, truncation, rowCount, columns, from };
    return jsonWithRows({ headers }, facts, page.rows, { nextLink });
  }
  if (format === 'csv') {
    const columns = run.columns.map(({ name }) => name);
    return {
      headers: {
        ...headers,
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': `attachment; filename="${run.id}${truncated ? '-truncated' : ''}.csv"`,
      },
      body: csvOf(columns, page.rows),
    };
  }
  const lines = [...page.rows];
  if (truncated && page.next === undefined) lines.push(JSON.stringify({ _outrider: { truncation } }));
  return {
    headers: { ...headers, 'content-type': 'application/x-ndjson; charset=utf-8' },
    body: lines.map((line) => `${line}\n`).join(''),
  };
}

function tooMany({ rows }: HuntRunDetails, { rows: read }: RowsPage): OutriderError {
  return new OutriderError(
    'request.invalid',
    `The result has ${rows} rows, more than one answer holds. Read it in pages: with top=${Math.max(1, Math.min(read.length, MOST_ROWS))} or less, following the Link header.`,
  );
}
