import { app } from '@azure/functions';
import { actingRoute } from '../shared/http/acting-route.ts';
import { readActingHunt, refuseLater, waitMsOf } from '../shared/http/hunt-request.ts';
import { FIRST_PAGE } from '../shared/http/rows-answer.ts';
import { hasRows, runAnswer } from '../shared/http/run-answer.ts';
import { userHuntAnswer } from '../shared/http/user-hunt-answer.ts';

/**
 * Hunts in a tenant: 200 with rows when the run ends within 20 seconds, else 202 with where to look. In the caller's own
 * name it is answered with all rows within 200 seconds, and nothing of it is kept.
 */
export const startHunt = actingRoute('hunts.run', {
  read: readActingHunt,

  async asApp(ask, { app: outrider, tenant, log }, request) {
    const hunting = await outrider.hunting();
    const target = { tenant: tenant.id, run: await hunting.start(tenant, ask) };
    log.info('hunt.asked', { run: target.run });
    await hunting.waitFor([target], waitMsOf(request));
    const run = await hunting.run(target);
    const page = hasRows(run) ? await hunting.rows(run, FIRST_PAGE) : undefined;
    return runAnswer(run, request.url, page);
  },

  async asUser(ask, { app: outrider, tenant, assertion, log }, request) {
    refuseLater(request);
    const hunting = await outrider.hunting();
    const { hunting: source } = outrider.asUser(tenant, assertion);
    const { mostChars } = FIRST_PAGE;
    log.info('hunt.as_user');
    const hunt = await hunting.runAsUser(tenant, ask, { source, mostChars });
    const { state, rows, calls } = hunt.found;
    log.info('hunt.as_user_done', { state, rows: rows.length, calls });
    return userHuntAnswer(tenant.id, hunt);
  },
});

app.http('start-hunt', {
  route: 'tenants/{tenantId}/hunts',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: startHunt,
});
