import type { ReceivedIncident } from '../../shared/incidents/ports.ts';
import { type PaddedTime, paddedFromMs, paddedFromTicks } from '../../shared/time.ts';
import {
  createModelSource,
  type ModelIncident,
  type ModelSource,
  received,
} from '../support/model-source.ts';
import { contentOf, textOf } from './content.ts';
import type { Random } from './random.ts';
import type { Change, Settings } from './schedule.ts';

const MINUTE = 60_000;

/** The service's side of a story: the live list, and what the test remembers of it. */
export interface World {
  readonly source: ModelSource;
  apply(change: Change): void;
  /** There since before the tenant was added. */
  place(id: string, ageMs: number, alerts: number): void;
  /** Late changes whose time has come become visible. */
  catchUp(): void;
  /** While held nothing late becomes visible: a quiet pass must see all that there is to judge. */
  hold(held: boolean): void;
  /** Incidents whose present content only a sweep can find. */
  readonly onlyBySweep: ReadonlySet<string>;
  /** Every content that an incident ever had, and since when it was to be seen. */
  seenSince(id: string, content: string): number | undefined;
  /** The last update of the tenant's newest stored incident, so that lateness is told from mere delay. */
  watermark: () => PaddedTime | undefined;
}

interface WorldOptions {
  readonly settings: Settings;
  readonly now: () => number;
  readonly random: Random;
  /** Notes a hazard that really occurred. */
  readonly note: (hazard: string) => void;
}

export function createWorld({ settings, now, random, note }: WorldOptions): World {
  const overlapMs = settings.overlapMinutes * MINUTE;
  const removed = new Map<string, ModelIncident>();
  const contents = new Map<string, number>();
  const onlyBySweep = new Set<string>();
  let waiting: { readonly atMs: number; readonly incident: ModelIncident }[] = [];
  let lastTicks = 0n;
  let held = false;
  /** What was answered last, without what differs each time, until the same has been said in another order. */
  const answers = new Map<string, string>();
  let shuffled = false;

  const source = createModelSource({
    now,
    maxTop: settings.maxTop,
    family: settings.family,
    order: settings.order,
    alertsTop: settings.alertsTop,
    answer: (incident, withAlerts) => answer(incident, withAlerts || settings.family === 'xdr'),
  });

  function answer(incident: ModelIncident, withAlerts: boolean): ReceivedIncident {
    const text = textOf(incident, withAlerts, random);
    if (!shuffled) noteShuffled(contentOf(incident, withAlerts), text.replaceAll(/"W[^,]*,|#\d+/g, ''));
    return { ...received(incident, withAlerts), family: settings.family, text };
  }

  function noteShuffled(content: string, text: string): void {
    const before = answers.get(content);
    answers.set(content, text);
    if (before === undefined || before === text) return;
    shuffled = true;
    note('arrays shuffled');
  }

  /** A last update of now, all seven digits in use, later than all before. */
  function stamp(tie: boolean): PaddedTime {
    const ticks = BigInt(now()) * 10_000n;
    const recent = ticks - lastTicks < BigInt(overlapMs) * 10_000n;
    if (!(tie && recent && lastTicks > 0n)) {
      const fine = ticks + (random.percent(20) ? 0n : BigInt(random.below(9_999)));
      lastTicks = fine > lastTicks ? fine : lastTicks + 1n;
    }
    return paddedFromTicks(lastTicks);
  }

  /**
   * Where pages come without alerts a change under the very same last update is not noticed: the list shows no
   * other sign of it.
   */
  function isLast(incident: ModelIncident | undefined): boolean {
    return incident !== undefined && incident.lastUpdate === paddedFromTicks(lastTicks);
  }

  function show(incident: ModelIncident, visibleMs: number): void {
    const { id, lastUpdate } = incident;
    const stored = source.incidents.get(id) ?? removed.get(id);
    if (stored && stored.lastUpdate > lastUpdate) return;
    // Another content under the very same last update, shown later than the overlap, is found by nothing.
    if (stored !== incident && stored?.lastUpdate === lastUpdate && isLate(lastUpdate, visibleMs)) return;
    for (const other of source.incidents.values())
      if (other.id !== id && other.lastUpdate === lastUpdate) note('equal last updates');
    source.incidents.set(id, incident);
    removed.delete(id);
    remember(incident, visibleMs);
    lateOrNot(id, lastUpdate, visibleMs);
  }

  function remember(incident: ModelIncident, visibleMs: number): void {
    for (const withAlerts of [true, false]) {
      const content = contentOf(incident, withAlerts);
      if (!contents.has(content)) contents.set(content, visibleMs);
    }
  }

  function isLate(lastUpdate: PaddedTime, visibleMs: number): boolean {
    return lastUpdate < paddedFromMs(visibleMs - overlapMs);
  }

  /** An alert that changed unseen and becomes visible after the overlap, its incident unmoved: found by nothing. */
  function hidesAlertChange({ lastUpdate, alerts }: ModelIncident): boolean {
    return (
      settings.family === 'graph' &&
      alerts.some((alert) => alert.lastUpdate > lastUpdate && isLate(alert.lastUpdate, now()))
    );
  }

  function lateOrNot(id: string, lastUpdate: PaddedTime, visibleMs: number): void {
    const late = isLate(lastUpdate, visibleMs);
    if (late) onlyBySweep.add(id);
    else onlyBySweep.delete(id);
    const watermark = world.watermark();
    if (watermark === undefined || lastUpdate >= watermark) return;
    note(late ? 'indexed late, beyond the overlap' : 'indexed late, inside the overlap');
  }

  function write(change: Extract<Change, { do: 'write' }>): void {
    const { id, title, status, alerts: count, tie = false, lateMs } = change;
    const old = source.incidents.get(id) ?? removed.get(id);
    const lastUpdate = stamp(tie && !(settings.mostAlerts < 100 && isLast(old)));
    const kept = (old?.alerts ?? []).slice(0, count);
    const added = Array.from({ length: count - kept.length }, (_, n) =>
      alertOf(id, kept.length + n, lastUpdate),
    );
    const incident: ModelIncident = {
      ...blank(id, old?.created ?? lastUpdate),
      lastUpdate,
      title,
      status,
      alerts: [...kept, ...added],
    };
    note(source.incidents.has(id) ? 'updated' : 'inserted');
    if (lateMs === undefined) show(incident, now());
    else waiting.push({ atMs: now() + lateMs, incident });
  }

  function changeAlert({ id, title, moves }: Extract<Change, { do: 'alert' }>): void {
    const incident = source.incidents.get(id);
    if (!incident) return;
    const lastUpdate = stamp(false);
    const [first, ...others] = incident.alerts;
    const changed = { ...(first ?? alertOf(id, 0, lastUpdate)), lastUpdate, title };
    const next = { ...incident, alerts: [changed, ...others] };
    note(moves ? 'alert changed, incident moved' : 'alert changed, incident not moved');
    if (moves) {
      show({ ...next, lastUpdate }, now());
      return;
    }
    source.incidents.set(id, next);
    remember(next, now());
    // Graph has a feed of alerts; the Defender XDR API has none.
    if (settings.family === 'xdr') onlyBySweep.add(id);
    else onlyBySweep.delete(id);
  }

  const world: World = {
    source,
    onlyBySweep,
    watermark: () => undefined,
    seenSince: (_id, content) => contents.get(content),
    place(id, ageMs, alerts) {
      const lastUpdate = paddedFromTicks(BigInt(now() - ageMs) * 10_000n + BigInt(random.below(9_999)));
      const own = Array.from({ length: alerts }, (_, n) => alertOf(id, n, lastUpdate));
      const incident = { ...blank(id, lastUpdate), lastUpdate, alerts: own };
      source.incidents.set(id, incident);
      remember(incident, now());
    },
    hold(now) {
      held = now;
    },
    catchUp() {
      if (held) return;
      const due = waiting.filter(({ atMs }) => atMs <= now());
      if (due.length === 0) return;
      waiting = waiting.filter(({ atMs }) => atMs > now());
      for (const { incident } of due) show(incident, now());
    },
    apply(change) {
      if (change.do === 'write') write(change);
      if (change.do === 'alert') changeAlert(change);
      if (change.do === 'burst') {
        for (let n = 0; n < change.count; n++)
          write({ do: 'write', id: `burst-${n}`, title: 'A', status: 'active', alerts: 0 });
        return;
      }
      const incident = source.incidents.get(change.id);
      if (change.do === 'remove' && incident) {
        source.incidents.delete(change.id);
        removed.set(change.id, incident);
        note('removed');
      }
      if (change.do === 'return') {
        const gone = removed.get(change.id);
        if (gone && !hidesAlertChange(gone)) {
          for (const withAlerts of [true, false]) contents.set(contentOf(gone, withAlerts), now());
          show(gone, now());
          note('listed again');
        }
      }
      if (change.do === 'merge' && incident) {
        note('redirected');
        show({ ...incident, lastUpdate: stamp(false), status: 'redirected', redirectTo: change.into }, now());
      }
    },
  };
  return world;
}

function blank(id: string, created: PaddedTime): ModelIncident {
  return {
    id,
    created,
    lastUpdate: created,
    status: 'active',
    severity: 'medium',
    title: 'A',
    tags: ['x', 'y', 'z'],
    alerts: [],
  };
}

function alertOf(incident: string, n: number, lastUpdate: PaddedTime) {
  return { id: `${incident}-alert-${n}`, lastUpdate, title: 'A', evidence: ['user', 'device', 'file'] };
}
