import type { TenantHunts } from '../../../lab/session/hunt-log.ts';
import type { Session } from '../../../lab/session/session.ts';
import { ago, count } from '../../output/amounts.ts';
import type { Screen } from '../../output/screen.ts';
import { type Column, table } from '../../output/table.ts';

/** What scheduled hunts have found, as a table for people; undefined while none has ended. */
export function huntTable(session: Session, screen: Screen, now: number): string | undefined {
  const hunts = session.hunts();
  if (hunts.every(({ runs }) => runs === 0)) return undefined;
  return table(columns(now), hunts, { screen, indent: 2 });
}

function columns(now: number): readonly Column<TenantHunts>[] {
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
