import { app } from '@azure/functions';
import { readParameters } from '../shared/http/parameters.ts';
import { runAnswer } from '../shared/http/run-answer.ts';
import { runRoute } from '../shared/http/run-route.ts';

/** A hunting run: 202 until it has ended, as Logic Apps follow by themselves. */
export const getHunt = runRoute('hunts.read', async (request, { app: outrider, tenant, run }) => {
  readParameters(request.query).done();
  const hunting = await outrider.hunting();
  return runAnswer(await hunting.run({ tenant, run }), request.url);
});

app.http('get-hunt', {
  route: 'hunts/{runId}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getHunt,
});
