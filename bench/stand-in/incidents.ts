import { createGenerator } from '../../lab/defender/generator/generator.ts';
import type { GraphIncident } from '../../lab/defender/graph-types.ts';
import { createRandom } from '../../lab/defender/random.ts';
import { defaultSettings } from '../../lab/defender/settings.ts';
import { createTenant } from '../../lab/defender/tenant.ts';

/** The incidents that one tenant lists, newest last update first. Their texts are put together when asked for. */
export interface Incidents {
  /** Last update of each. */
  readonly times: readonly string[];
  text(index: number, withAlerts: boolean): string;
  /** Where the incident with this id is, or -1. */
  find(id: string): number;
}

/**
 * Which incidents: `usual-10000` are as many as the lab's generator makes them, with alerts and evidence; `huge-8` have
 * about 1,000 alerts and 5 MB each.
 */
export type DataSet = `${keyof typeof TEMPLATES}-${number}`;

const TEMPLATES = { usual: 500, huge: 4 } as const;
/** Days over which so many incidents lie: the usual ones over four weeks, eight huge ones on a day. */
const DAYS = { usual: () => SPREAD_DAYS, huge: (count: number) => count / 8 } as const;
const HUGE_BYTES = 5_000_000;
const ALERT_BYTES = 5_200;
const FIRST_ID = 100_000;
const DAY_MS = 86_400_000;
const SPREAD_DAYS = 28;
const MARK = /@@(id|created|updated)@@/;

/** Texts that differ in id and times only are made of one template. */
interface Template {
  readonly whole: readonly string[];
  readonly bare: readonly string[];
}

/** @param newestMs last update of the newest one; the others lie evenly in the days before */
export function createIncidents(dataSet: DataSet, newestMs: number): Incidents {
  const [kind, count] = dataSet.split('-') as [keyof typeof TEMPLATES, string];
  const templates = templatesOf(kind);
  const step = (DAYS[kind](Number(count)) * DAY_MS) / Number(count);
  const times = Array.from({ length: Number(count) }, (_, index) =>
    padded(newestMs - index * step, (index * 7_919) % 10_000),
  );
  return {
    times,
    text(index, withAlerts) {
      const template = templates[index % templates.length];
      const updated = times[index];
      if (!template || updated === undefined) throw new Error(`there is no incident ${index}`);
      const created = padded(Date.parse(updated) - DAY_MS / 2, 0);
      const values: Record<string, string> = { id: String(FIRST_ID + index), created, updated };
      const parts = withAlerts ? template.whole : template.bare;
      return parts.map((part, place) => (place % 2 === 0 ? part : values[part])).join('');
    },
    find(id) {
      const index = Number(id) - FIRST_ID;
      return index >= 0 && index < times.length ? index : -1;
    },
  };
}

function templatesOf(kind: keyof typeof TEMPLATES): Template[] {
  const clock = { now: Date.now };
  const random = createRandom(1);
  const tenant = createTenant({ id: 'bench', clock, settings: defaultSettings(), random });
  const generator = createGenerator({ tenant, clock, random: random.fork('generator') });
  if (kind === 'usual') generator.seedHistory(TEMPLATES.usual, SPREAD_DAYS);
  else for (let n = 0; n < TEMPLATES.huge; n++) generator.storm(Math.ceil(HUGE_BYTES / ALERT_BYTES));
  return tenant.list().map(templateOf);
}

function templateOf(incident: GraphIncident): Template {
  const times = { createdDateTime: '@@created@@', lastUpdateDateTime: '@@updated@@' };
  const alerts = incident.alerts.map((alert) => ({
    ...alert,
    ...times,
    id: `${alert.id}@@id@@`,
    incidentId: '@@id@@',
  }));
  const { alerts: _alerts, ...bare } = { ...incident, ...times, id: '@@id@@' };
  return {
    whole: JSON.stringify({ ...bare, alerts }).split(MARK),
    bare: JSON.stringify(bare).split(MARK),
  };
}

function padded(ms: number, ticks: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}${String(ticks).padStart(4, '0')}Z`;
}
