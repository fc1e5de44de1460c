import { app } from '@azure/functions';
import { rowsFormatOf } from '../shared/http/accept.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { pageSizeOf, readRowsRequest, rowsAnswer } from '../shared/http/rows-answer.ts';
import { runRoute } from '../shared/http/run-route.ts';

/** Rows of a run's result: JSON pages, NDJSON or CSV, by `Accept`. */
export const getHuntRows = runRoute('hunts.read', async (request, { app: outrider, tenant, run }) => {
  const format = rowsFormatOf(request.headers.get('accept'));
  const asked = readRowsRequest(readParameters(request.query), format);
  const hunting = await outrider.hunting();
  const details = await hunting.run({ tenant, run });
  return rowsAnswer(details, await hunting.rows(details, pageSizeOf(asked)), asked, request.url);
});

app.http('get-hunt-rows', {
  route: 'hunts/{runId}/rows',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getHuntRows,
});
