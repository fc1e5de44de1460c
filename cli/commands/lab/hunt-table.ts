import type { TenantHunts } from '../../../lab/session/hunt-log.ts';
import type { Session } from '../../../lab/session/session.ts';
import { ago, count } from '../../output/amounts.ts';
import type { Screen } from '../../output/screen.ts';
import { type Column, table } from '../../output/table.ts';
import { rowsShown } from './many.ts';

/** What scheduled hunts have found, as a table for people; undefined while none has ended. */
export function huntTable(session: Session, screen: Screen, now: number): string | undefined {
  const hunts = session.hunts();
  if (hunts.every(({ runs }) => runs === 0)) return undefined;
  const limit = rowsShown(hunts.length);
  if (limit === hunts.length) return table<Row>(columns(now), hunts, { screen, indent: 2 });
  const sorted = hunts
    .filter(({ runs }) => runs > 0)
    .sort((one, other) => other.failing.size - one.failing.size);
  return table(columns(now), [...sorted.slice(0, limit), total(hunts)], { screen, indent: 2 });
}

function total(hunts: readonly TenantHunts[]): Row {
  const sum = (value: (hunts: TenantHunts) => number): number =>
    hunts.reduce((all, one) => all + value(one), 0);
  const last = Math.max(...hunts.map(({ lastAt = 0 }) => lastAt));
  return {
    tenant: { name: `All ${count(hunts.length)}` },
    runs: sum(({ runs }) => runs),
    found: sum(({ found }) => found),
    seenAgain: sum(({ seenAgain }) => seenAgain),
    failing: { size: sum(({ failing }) => failing.size) },
    lastAt: last === 0 ? undefined : last,
  };
}

/** A tenant's line, or that of all of them. */
type Row = Pick<TenantHunts, 'runs' | 'found' | 'seenAgain' | 'lastAt'> & {
  readonly tenant: { readonly name: string };
  readonly failing: { readonly size: number };
};

function columns(now: number): readonly Column<Row>[] {
  return [
    { title: 'Tenant', text: ({ tenant }) => tenant.name, shrinkTo: 10 },
    { title: 'Hunts run', align: 'right', text: ({ runs }) => count(runs) },
    { title: 'New findings', align: 'right', text: ({ found }) => count(found) },
    { title: 'Seen again', align: 'right', text: ({ seenAgain }) => count(seenAgain) },
    {
      title: 'Failing',
      align: 'right',
      text: ({ failing }) => count(failing.size),
      style: ({ failing }) => (failing.size > 0 ? 'red' : undefined),
    },
    { title: 'Last', text: ({ lastAt }) => (lastAt === undefined ? '-' : ago(now - lastAt)) },
  ];
}
