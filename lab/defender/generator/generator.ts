import type { LabClock } from '../../service.ts';
import type { GraphIncident } from '../graph-types.ts';
import type { Random } from '../random.ts';
import type { TenantOperations } from '../tenant.ts';
import { formatTime } from '../times.ts';
import { createAlert } from './alerts.ts';
import { createPlot, createVerdict, type Plot, stageOf } from './incidents.ts';
import { createWorld, type World } from './world.ts';

export type ChangeKind =
  | 'create'
  | 'storm'
  | 'update'
  | 'comment'
  | 'addAlert'
  | 'updateAlert'
  | 'resolve'
  | 'merge';

/** What a step did, and to which incident. */
export interface Change {
  readonly kind: ChangeKind;
  readonly incidentId: string;
}

/** Makes incidents that look like a real tenant's, the same ones for the same seed, clock and calls. */
export interface Generator {
  /** The people and machines of the organisation; once drawn, they stay the same. */
  world(): World;
  /** Past incidents, spread over the days before now; older ones are mostly resolved. */
  seedHistory(count: number, days: number): void;
  /** One change now. Without an open incident it is a new one. */
  step(): Change;
  /** A new incident now. */
  arrive(): GraphIncident;
  /** A new incident now with this many alerts. */
  storm(alerts: number): GraphIncident;
}

const DAY = 86_400_000;
const REMEMBERED_OPEN = 500;

/** How often each change happens, in parts of 100. */
const WEIGHTS: readonly (readonly [ChangeKind, number])[] = [
  ['create', 30],
  ['update', 18],
  ['addAlert', 16],
  ['updateAlert', 10],
  ['comment', 7],
  ['resolve', 12],
  ['merge', 5],
  ['storm', 2],
];

export function createGenerator(options: {
  readonly tenant: TenantOperations;
  readonly clock: LabClock;
  readonly random: Random;
}): Generator {
  const { tenant, clock, random } = options;
  const plots = new Map<string, Plot>();
  let knownWorld: World | undefined;

  function world(): World {
    knownWorld ??= createWorld(random, clock.now());
    return knownWorld;
  }

  function open(at: number, alertCount?: number): GraphIncident {
    const plot = createPlot(random, world(), at, alertCount);
    const incident = tenant.createIncident(plot.init);
    plots.set(incident.id, plot);
    const oldest = plots.keys().next();
    if (plots.size > REMEMBERED_OPEN && !oldest.done) plots.delete(oldest.value);
    return incident;
  }

  function openIncidents(): GraphIncident[] {
    const found: GraphIncident[] = [];
    for (const id of [...plots.keys()]) {
      const incident = tenant.get(id);
      if (!incident || incident.status === 'resolved' || incident.status === 'redirected') plots.delete(id);
      else found.push(incident);
    }
    return found;
  }

  function plotOf(incident: GraphIncident): Plot {
    const plot = plots.get(incident.id);
    if (!plot) throw new Error(`incident ${incident.id} is not one of the generator's`);
    return plot;
  }

  function chooseKind(openCount: number): ChangeKind {
    if (openCount < 2) return 'create';
    let rest = random.int(1, 100);
    for (const [kind, weight] of WEIGHTS) {
      rest -= weight;
      if (rest <= 0) return kind;
    }
    return 'create';
  }

  function changeOpen(kind: ChangeKind, incident: GraphIncident, other: GraphIncident): void {
    const { scenario, firstStage, cast } = plotOf(incident);
    const analyst = random.pick(world().analysts);
    const alert = random.pick(incident.alerts);
    if (kind === 'comment') tenant.addComment(incident.id, random.pick(COMMENTS), analyst);
    if (kind === 'addAlert') {
      const stage = stageOf(scenario, firstStage + incident.alerts.length);
      tenant.addAlert(incident.id, createAlert(random, stage, cast, clock.now()));
    }
    if (kind === 'updateAlert') {
      tenant.updateAlert(alert.id, {
        status: 'inProgress',
        assignedTo: analyst,
        investigationState: 'running',
      });
    }
    if (kind === 'resolve') {
      const verdict = createVerdict(random, scenario);
      tenant.resolve(incident.id, { ...verdict, comment: random.pick(COMMENTS), by: analyst });
    }
    if (kind === 'merge') tenant.merge(incident.id, other.id);
    if (kind === 'update') {
      tenant.updateIncident(incident.id, {
        assignedTo: analyst,
        status: random.pick(['active', 'inProgress', 'inProgress', 'awaitingAction']),
        severity: random.pick([incident.severity, incident.severity, 'high']),
        lastModifiedBy: analyst,
      });
    }
  }

  function step(): Change {
    const [incident, other] = random.shuffle(openIncidents());
    const kind = chooseKind(incident && other ? 2 : 0);
    if (kind === 'create' || !incident || !other) return { kind: 'create', incidentId: open(clock.now()).id };
    if (kind === 'storm') return { kind, incidentId: storm(random.int(200, 600)).id };
    changeOpen(kind, incident, other);
    return { kind, incidentId: incident.id };
  }

  const storm = (alerts: number): GraphIncident => open(clock.now(), alerts);

  function seedHistory(count: number, days: number): void {
    const now = clock.now();
    const times = Array.from({ length: count }, () => now - random.next() * days * DAY - 1).sort(
      (a, b) => a - b,
    );
    for (const at of times) age(open(Math.floor(at)), Math.floor(at), now);
  }

  /** What became of a past incident until now. */
  function age(incident: GraphIncident, at: number, now: number): void {
    const analyst = random.pick(world().analysts);
    const changed = formatTime(
      at + Math.floor(random.next() * Math.min(now - at, 3 * DAY)),
      random.int(0, 9_999),
    );
    const lastUpdateDateTime = changed > incident.lastUpdateDateTime ? changed : incident.lastUpdateDateTime;
    if (random.chance(now - at > 2 * DAY ? 0.85 : 0.3)) {
      const verdict = createVerdict(random, plotOf(incident).scenario);
      tenant.resolve(incident.id, {
        ...verdict,
        comment: random.pick(COMMENTS),
        by: analyst,
        at: lastUpdateDateTime,
      });
    } else if (random.chance(0.5)) {
      const change = { status: 'inProgress', assignedTo: analyst, lastModifiedBy: analyst } as const;
      tenant.updateIncident(incident.id, { ...change, lastUpdateDateTime });
    }
  }

  return { world, seedHistory, step, arrive: () => open(clock.now()), storm };
}

const COMMENTS = [
  'Looked at the timeline; the account was reset.',
  'Confirmed with the owner of the device.',
  'Waiting for the help desk to call back.',
  'Part of the announced exercise.',
  'Mail purged from all mailboxes, link blocked.',
];
