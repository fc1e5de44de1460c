import type { SessionTenant } from '../../../lab/session/events.ts';
import type { TenantRow } from '../../../lab/session/rows.ts';
import type { Session } from '../../../lab/session/session.ts';
import type { TenantSync } from '../../../lab/session/sync-watch.ts';
import { ago, count } from '../../output/amounts.ts';
import type { Screen } from '../../output/screen.ts';
import { type Column, table } from '../../output/table.ts';

interface Line extends TenantRow {
  readonly tenant: SessionTenant;
  readonly sync: TenantSync | undefined;
}

export const API_NAMES = { graph: 'Microsoft Graph', xdr: 'the Defender XDR API' } as const;
const SHORT_API_NAMES = { graph: 'Graph', xdr: 'XDR' } as const;
const SIGN_INS = { federated: 'federated', secret: 'secret' } as const;

/** The tenants of a lab session as a table for people. */
export function tenantTable(session: Session, screen: Screen, now: number): string {
  const syncs = session.syncs();
  const rows = session.rows().flatMap((row): Line[] => {
    const tenant = session.tenants.find(({ id }) => id === row.id);
    return tenant === undefined
      ? []
      : [{ ...row, tenant, sync: syncs.find((sync) => sync.tenant === tenant) }];
  });
  return table(columns(now), rows, { screen, indent: 2 });
}

function columns(now: number): readonly Column<Line>[] {
  return [
    { title: 'Tenant', text: ({ name }) => name, shrinkTo: 10 },
    { title: 'Sign-in', text: ({ tenant }) => SIGN_INS[tenant.credential], shrinkTo: 9 },
    { title: 'API', text: ({ tenant }) => SHORT_API_NAMES[tenant.api] },
    { title: 'State', text: stateOf, style: styleOf },
    { title: 'Incidents', align: 'right', text: ({ incidents }) => known(incidents) },
    { title: 'Versions', align: 'right', text: ({ versions }) => known(versions) },
    { title: 'Calls', align: 'right', text: ({ apiCalls }) => count(apiCalls) },
    { title: 'Storage ops', align: 'right', text: ({ storageOps }) => count(storageOps) },
    { title: 'Newest', text: ({ sync }) => newest(sync, now) },
  ];
}

const known = (value: number | null): string => (value === null ? '-' : count(value));
const stateOf = ({ sync }: Line): string => sync?.state ?? '-';

function styleOf({ sync }: Line): 'green' | 'red' | 'yellow' | undefined {
  if (sync === undefined) return undefined;
  return ({ current: 'green', failing: 'red', loading: 'yellow' } as const)[sync.state];
}

function newest(sync: TenantSync | undefined, now: number): string {
  const time = sync?.answer?.newest;
  return time === undefined ? '-' : ago(now - Date.parse(time));
}
