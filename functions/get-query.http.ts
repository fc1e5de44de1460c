import { app } from '@azure/functions';
import { readParameters } from '../shared/http/parameters.ts';
import { queryView, scheduleView, visibleTo } from '../shared/http/query-answer.ts';
import { callerRoute } from '../shared/http/route.ts';
import { runView } from '../shared/http/run-answer.ts';

/** One query of the library, what the check says of it, and its schedule and last run in each tenant that the caller may see. */
export const getQuery = callerRoute('queries.read', async (request, { app: outrider, caller }) => {
  readParameters(request.query).done();
  const { library, lastRunsOf, schedulesOf } = await outrider.hunting();
  const query = await library.find(request.params.queryId ?? '');
  const visible = await visibleTo(outrider, caller);
  const tenants = visible.tenants.map(({ id }) => id);
  const [check, runs, schedules] = await Promise.all([
    library.check(query),
    lastRunsOf(query.id, tenants),
    schedulesOf(query, visible.tenants),
  ]);
  const lastRuns = runs.map((run) => runView(run, request.url));
  return {
    jsonBody: { ...queryView({ query, check }, visible), lastRuns, scheduled: schedules.map(scheduleView) },
  };
});

app.http('get-query', {
  route: 'queries/{queryId}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getQuery,
});
