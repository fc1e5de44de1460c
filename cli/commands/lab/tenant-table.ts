import type { SessionTenant } from '../../../lab/session/events.ts';
import type { TenantRow } from '../../../lab/session/rows.ts';
import type { Session } from '../../../lab/session/session.ts';
import type { TenantSync } from '../../../lab/session/sync-watch.ts';
import { ago, count } from '../../output/amounts.ts';
import type { Screen, Style } from '../../output/screen.ts';
import { type Column, table } from '../../output/table.ts';
import { rowsShown } from './many.ts';

interface Line extends TenantRow {
  readonly tenant: SessionTenant;
  readonly sync: TenantSync | undefined;
}

export const API_NAMES = { graph: 'Microsoft Graph', xdr: 'the Defender XDR API' } as const;
const SHORT_API_NAMES = { graph: 'Graph', xdr: 'XDR' } as const;
const SIGN_INS = { federated: 'federated', secret: 'secret' } as const;

/** What the table shows of a tenant, or of all of them. */
interface Shown {
  readonly name: string;
  readonly signIn: string;
  readonly api: string;
  readonly state: string;
  readonly style: Style | undefined;
  readonly incidents: number | null;
  readonly versions: number | null;
  readonly apiCalls: number;
  readonly storageOps: number;
  readonly newest: string;
}

/** The tenants of a lab session as a table for people: of many, those that fail, the first ones, and the sums. */
export function tenantTable(session: Session, screen: Screen, now: number): string {
  const syncs = session.syncs();
  const lines = session.rows().flatMap((row): Line[] => {
    const tenant = session.tenants.find(({ id }) => id === row.id);
    return tenant === undefined
      ? []
      : [{ ...row, tenant, sync: syncs.find((sync) => sync.tenant === tenant) }];
  });
  const limit = rowsShown(lines.length);
  if (limit === lines.length) {
    return table(
      COLUMNS,
      lines.map((line) => shown(line, now)),
      { screen, indent: 2 },
    );
  }
  const isFailing = ({ sync }: Line): boolean => sync?.rest === undefined && sync?.state === 'failing';
  const sorted = [...lines.filter(isFailing), ...lines.filter((line) => !isFailing(line))];
  const rows = [...sorted.slice(0, limit).map((line) => shown(line, now)), total(lines, now)];
  const left = `  ${screen.paint('dim', `The other ${count(lines.length - limit)}: npx outrider lab status`)}`;
  return `${table(COLUMNS, rows, { screen, indent: 2 })}\n${left}`;
}

const COLUMNS: readonly Column<Shown>[] = [
  { title: 'Tenant', text: ({ name }) => name, shrinkTo: 10 },
  { title: 'Sign-in', text: ({ signIn }) => signIn, shrinkTo: 9 },
  { title: 'API', text: ({ api }) => api },
  { title: 'State', text: ({ state }) => state, style: ({ style }) => style },
  { title: 'Incidents', align: 'right', text: ({ incidents }) => known(incidents) },
  { title: 'Versions', align: 'right', text: ({ versions }) => known(versions) },
  { title: 'Calls', align: 'right', text: ({ apiCalls }) => count(apiCalls) },
  { title: 'Storage ops', align: 'right', text: ({ storageOps }) => count(storageOps) },
  { title: 'Newest', text: ({ newest }) => newest },
];

function shown({ tenant, sync, ...row }: Line, now: number): Shown {
  return {
    ...row,
    signIn: SIGN_INS[tenant.credential],
    api: SHORT_API_NAMES[tenant.api],
    state: sync?.rest ?? sync?.state ?? '-',
    style: sync && (sync.rest === undefined ? STYLES[sync.state] : 'dim'),
    newest: newest(sync?.answer?.newest, now),
  };
}

const STYLES = { current: 'green', failing: 'red', loading: 'yellow' } as const;

function total(lines: readonly Line[], now: number): Shown {
  const sum = (value: (line: Line) => number | null): number =>
    lines.reduce((all, line) => all + (value(line) ?? 0), 0);
  const states = lines.map(({ sync }) => sync?.rest ?? sync?.state);
  const current = states.filter((state) => state === 'current').length;
  const times = lines.flatMap(({ sync }) => sync?.answer?.newest ?? []);
  return {
    name: `All ${count(lines.length)}`,
    signIn: '',
    api: '',
    state: `${count(current)} current`,
    style: states.includes('failing') ? 'red' : current === lines.length ? 'green' : 'yellow',
    incidents: sum(({ incidents }) => incidents),
    versions: sum(({ versions }) => versions),
    apiCalls: sum(({ apiCalls }) => apiCalls),
    storageOps: sum(({ storageOps }) => storageOps),
    newest: newest(times.sort().at(-1), now),
  };
}

const known = (value: number | null): string => (value === null ? '-' : count(value));

function newest(time: string | undefined, now: number): string {
  return time === undefined ? '-' : ago(now - Date.parse(time));
}
