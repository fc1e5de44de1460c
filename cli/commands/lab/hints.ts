import type { SessionTenant } from '../../../lab/session/events.ts';
import { SHOWN_QUERY } from '../../../lab/session/hunts.ts';
import type { Session } from '../../../lab/session/session.ts';
import { count } from '../../output/amounts.ts';
import type { Screen } from '../../output/screen.ts';

/** Ready-made commands to try while the lab runs. */
export async function hints(session: Session, screen: Screen): Promise<readonly string[]> {
  const { api, tenants } = session;
  const [tenant] = tenants;
  if (api === undefined || tenant === undefined) return cloudHints(screen);
  const id = (await session.newestIncident(tenant).catch(() => undefined)) ?? '<incident>';
  const title = (text: string): string => screen.paint('bold', text);
  const note = (text: string): string => screen.paint('dim', text);
  const ask = (path: string): string => `  curl -s -H "$AUTH" "$API/${path}"`;
  return [
    title('Try it, in another terminal in this folder:'),
    '',
    `  AUTH="Authorization: Bearer $(npx outrider lab token --roles ${ROLES})"`,
    `  API=${api}/api/tenants/${tenant.id}   ${note(`# ${tenant.name}`)}`,
    '',
    aligned(`  curl -s -H "$AUTH" ${api}/api/health`, note('# is it well?')),
    aligned(ask('incidents?top=5'), note('# the newest incidents')),
    aligned(ask(`incidents/${id}`), note('# one, whole')),
    aligned(ask(`incidents/${id}?as=source`), note('# exactly as the service sent it')),
    aligned(ask(`incidents/${id}/versions`), note('# its history')),
    aligned(`  curl -s -X POST -H "$AUTH" "$API/incidents/sync"`, note('# sync now')),
    aligned(ask('sync'), note('# how the sync stands')),
    aligned(`  curl -s -H "$AUTH" "${api}/api/findings?tenant=${tenant.id}"`, note('# findings')),
    aligned(
      `  curl -s -X POST -H "$AUTH" -d '{"queryId": "${SHOWN_QUERY}", "timespan": "PT1H"}' "$API/hunts"`,
      note('# hunt now'),
    ),
    '',
    ...otherTenants(tenants.slice(1)),
    ...commandHints(screen),
    ...partnerHints(session, screen),
  ];
}

const OTHERS = 5;

function otherTenants(others: readonly SessionTenant[]): readonly string[] {
  if (others.length === 0) return [];
  const left = others.length - OTHERS;
  return [
    '  Other tenants:',
    ...others.slice(0, OTHERS).map(otherTenant),
    ...(left > 0 ? [`    and ${count(left)} more: npx outrider lab status`] : []),
    '',
  ];
}

const ROLES = 'Incidents.Read,Incidents.Sync,Hunts.Read,Hunts.Run';
const otherTenant = ({ id, name }: { id: string; name: string }): string => `    ${id}  ${name}`;

function commandHints(screen: Screen): readonly string[] {
  const note = (text: string): string => screen.paint('dim', text);
  return [
    aligned(
      '  npx outrider lab fault add --service graph --status 429 --retry-after 5 --times 3',
      note('# trouble'),
    ),
    aligned('  npx outrider lab exec -- outrider incidents list --hours 48', note('# the API itself')),
    aligned('  npx outrider lab token --as operator', note("# a person's token instead of an app's")),
    aligned(
      `  npx outrider lab exec -- outrider hunt run ${SHOWN_QUERY} --all`,
      note('# a hunt in all tenants'),
    ),
  ];
}

/** What a partner does: look at its tenants, and invite one more. */
function partnerHints(
  { tenants, prospect: { id, name, clientId } }: Session,
  screen: Screen,
): readonly string[] {
  const note = (text: string): string => screen.paint('dim', text);
  const list = aligned(
    '  npx outrider lab exec -- outrider tenants list',
    note('# the tenants of a partner'),
  );
  if (tenants.some((tenant) => tenant.id === id)) return [list];
  return [
    list,
    `  npx outrider lab exec -- outrider tenants invite ${id} \\`,
    aligned(`    --client-id ${clientId} --name "${name}"`, note('# invite one; open the link')),
  ];
}

function cloudHints(screen: Screen): readonly string[] {
  const note = (text: string): string => screen.paint('dim', text);
  return [
    screen.paint('bold', 'The cloud runs without the app. In another terminal in this folder:'),
    '',
    aligned('  npx outrider lab env', note('# the settings, as shell exports')),
    aligned('  npx outrider lab env --settings', note('# the same as a local.settings.json')),
    aligned(
      '  npx outrider lab exec -- outrider incidents list --hours 48',
      note('# any command in the lab'),
    ),
  ];
}

const NOTE_COLUMN = 66;
const aligned = (command: string, note: string): string => `${command.padEnd(NOTE_COLUMN)}  ${note}`;
