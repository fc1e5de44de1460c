import { app } from '@azure/functions';
import { groupAnswer, INLINE_ROWS, partOf } from '../shared/http/group-answer.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { callerRoute } from '../shared/http/route.ts';

/** A hunt across tenants, as far as the caller may see them: 202 until all of these runs have ended. */
export const getHuntGroup = callerRoute('hunts.read', async (request, { app: outrider, caller }) => {
  readParameters(request.query).done();
  const hunting = await outrider.hunting();
  const visible = await outrider.visibleTenants(caller, 'hunts.read');
  const group = partOf(await hunting.group(request.params.groupId ?? ''), visible);
  const runs = await hunting.waitForGroup(group, 0);
  const pages = await hunting.rowsOfEach(runs.values(), INLINE_ROWS);
  return groupAnswer(group, { runs, pages }, request.url);
});

app.http('get-hunt-group', {
  route: 'hunts/groups/{groupId}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getHuntGroup,
});
