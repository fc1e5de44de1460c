import { app } from '@azure/functions';
import { readHuntAsk, waitMsOf } from '../shared/http/hunt-request.ts';
import { tenantRoute } from '../shared/http/route.ts';
import { FIRST_PAGE } from '../shared/http/rows-answer.ts';
import { hasRows, runAnswer } from '../shared/http/run-answer.ts';

/** Hunts in a tenant: 200 with rows when the run ends within 20 seconds, else 202 with where to look. */
export const startHunt = tenantRoute('hunts.run', async (request, { app: outrider, caller, tenant, log }) => {
  const ask = await readHuntAsk(request, caller);
  const hunting = await outrider.hunting();
  const target = { tenant: tenant.id, run: await hunting.start(tenant, ask) };
  log.info('hunt.asked', { run: target.run });
  await hunting.waitFor([target], waitMsOf(request));
  const run = await hunting.run(target);
  const page = hasRows(run) ? await hunting.rows(run, FIRST_PAGE) : undefined;
  return runAnswer(run, request.url, page);
});

app.http('start-hunt', {
  route: 'tenants/{tenantId}/hunts',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: startHunt,
});
