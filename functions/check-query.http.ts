import { app } from '@azure/functions';
import { readCheckRequest } from '../shared/http/hunt-request.ts';
import { callerRoute } from '../shared/http/route.ts';

/** Is a query right? Diagnostics with their places, output columns, tables. Nothing is run or stored. */
export const checkQuery = callerRoute('queries.read', async (request, { app: outrider }) => {
  const asked = await readCheckRequest(request);
  const { check } = await outrider.hunting();
  return { jsonBody: await check(asked) };
});

app.http('check-query', {
  route: 'queries/check',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: checkQuery,
});
