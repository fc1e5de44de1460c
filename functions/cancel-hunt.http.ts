import { app } from '@azure/functions';
import { readParameters } from '../shared/http/parameters.ts';
import { runView } from '../shared/http/run-answer.ts';
import { runRoute } from '../shared/http/run-route.ts';

/** Cancels a run. One that has ended stays as it is: the answer says how. */
export const cancelHunt = runRoute(
  'hunts.run',
  async (request, { app: outrider, caller, tenant, run, log }) => {
    readParameters(request.query).done();
    const hunting = await outrider.hunting();
    const ended = await hunting.cancel(log, { tenant, run, by: caller.objectId });
    log.info('hunt.cancel_asked', { state: ended.state });
    return { jsonBody: runView(ended, request.url) };
  },
);

app.http('cancel-hunt', {
  route: 'hunts/{runId}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: cancelHunt,
});
