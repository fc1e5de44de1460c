import { app } from '@azure/functions';
import { groupAnswer, INLINE_ROWS } from '../shared/http/group-answer.ts';
import { readHuntsAsk, waitMsOf } from '../shared/http/hunt-request.ts';
import { callerRoute } from '../shared/http/route.ts';

/** Hunts in all tenants, or in those that are named: one answer for each. */
export const startHunts = callerRoute('hunts.run', async (request, { app: outrider, caller, log }) => {
  const { ask, tenants } = await readHuntsAsk(request, caller);
  const hunting = await outrider.hunting();
  const among = await outrider.visibleTenants(caller, 'hunts.run');
  const group = await hunting.startAcross({ among, named: tenants }, ask);
  log.info('hunt.asked', { group: group.id, tenants: group.entries.length });
  const runs = await hunting.waitForGroup(group, waitMsOf(request));
  const pages = await hunting.rowsOfEach(runs.values(), INLINE_ROWS);
  return groupAnswer(group, { runs, pages }, request.url);
});

app.http('start-hunts', {
  route: 'hunts',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: startHunts,
});
