import type { Defender } from '../../lab/defender/defender.ts';
import type { Random } from '../../lab/defender/random.ts';
import { formatTime } from '../../lab/defender/times.ts';
import { type CrossingTenant, incidentId } from './tenants.ts';

const DAY_MS = 24 * 3_600_000;
const BUSY_EVERY = 20;
const FEW = 7;
/** More than one page of the head holds. */
const MANY = 54;

/** What happens in the tenants' Defender. */
export interface LiveChanges {
  /** Incidents of the last weeks, there before the first sync. Every twentieth tenant has many. */
  seed(of: CrossingTenant): void;
  /** A new incident, a change, a new alert or nothing; in a busy tenant at times a change of all incidents. */
  stir(of: CrossingTenant): void;
}

export function createLiveChanges({
  defender,
  random,
  now,
}: {
  readonly defender: Defender;
  readonly random: Random;
  readonly now: () => number;
}): LiveChanges {
  const counts = new Map<CrossingTenant, number>();
  let alerts = 0;

  const text = (of: CrossingTenant, what: string): string => `${of.mark} ${what} ${random.hex(4)}`;
  const alertOf = (of: CrossingTenant) => ({
    id: `da-${of.mark}-${++alerts}`,
    title: text(of, 'alert'),
    description: text(of, 'description'),
  });

  function create(of: CrossingTenant, createdDateTime?: string): void {
    const n = (counts.get(of) ?? 0) + 1;
    counts.set(of, n);
    defender.tenant(of.tenant.id).createIncident({
      id: incidentId(of, n),
      displayName: text(of, 'incident'),
      alerts: [alertOf(of)],
      ...(createdDateTime === undefined ? {} : { createdDateTime }),
    });
  }

  return {
    seed(of) {
      const count = of.number % BUSY_EVERY === 0 ? MANY : FEW;
      for (let n = 0; n < count; n++) {
        create(of, formatTime(now() - Math.floor(random.next() * 29 * DAY_MS), of.number));
      }
    },
    stir(of) {
      const { updateIncident, addAlert } = defender.tenant(of.tenant.id);
      const count = counts.get(of) ?? 0;
      const id = incidentId(of, random.int(1, count));
      const kind = random.int(1, 10);
      if (kind <= 1) create(of);
      else if (kind <= 2) updateIncident(id, { displayName: text(of, 'changed') });
      else if (kind <= 4) addAlert(id, alertOf(of));
      if (of.number % BUSY_EVERY !== 0 || !random.chance(0.1)) return;
      for (let n = 1; n <= count; n++) updateIncident(incidentId(of, n), { summary: text(of, 'summary') });
    },
  };
}
