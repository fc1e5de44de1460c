import { app } from '@azure/functions';
import { nextLink } from '../shared/http/next-link.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { problemView, querySummary, visibleTo } from '../shared/http/query-answer.ts';
import { callerRoute } from '../shared/http/route.ts';
import { runView } from '../shared/http/run-answer.ts';

/** The library with what the check says of each query; with `?tenant=` each query's last run there. What is wrong in its files is for
 * whoever sees all tenants: those who keep the library. */
export const listQueries = callerRoute('queries.read', async (request, { app: outrider, caller }) => {
  const parameters = readParameters(request.query);
  const top = parameters.integer('top', { from: 1, to: 200, fallback: 100 });
  const after = parameters.text('after', 200);
  const wanted = parameters.text('tenant', 64);
  parameters.done();
  const tenant = wanted === undefined ? undefined : await outrider.tenantFor(caller, 'hunts.read', wanted);
  const visible = await visibleTo(outrider, caller);
  const hunting = await outrider.hunting();
  const { queries, next, problems } = await hunting.library.list({ top, after });
  const runs = tenant && (await hunting.lastRunsIn(tenant.id));
  const value = queries.map((checked) => {
    const last = runs?.get(checked.query.id);
    return { ...querySummary(checked, visible), ...(last ? { lastRun: runView(last, request.url) } : {}) };
  });
  return {
    jsonBody: {
      value,
      problems: visible.all ? problems.map(problemView) : undefined,
      nextLink: next && nextLink(request.url, 'after', next),
    },
  };
});

app.http('list-queries', {
  route: 'queries',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: listQueries,
});
