import type { LabClock } from '../service.ts';
import { createLiveList, type LiveList } from './live-list.ts';
import type { Family } from './raw-incident.ts';
import { type ServedAlert, type ServedIncident, servedAlerts, type UnplacedIncident } from './served.ts';

/** What a tenant's APIs show at this moment, which may lag behind what has happened. */
export interface Published {
  /** Shows a version from `visibleAt` (milliseconds since 1970) on; an older one that would show later is given up. */
  show(families: readonly Family[], version: UnplacedIncident, visibleAt: number): void;
  withdraw(families: readonly Family[], id: string): void;
  incidents(family: Family): LiveList<ServedIncident>;
  /** Graph's alerts_v2. */
  alerts(): LiveList<ServedAlert>;
}

interface Pending {
  readonly family: Family;
  readonly served: ServedIncident;
  readonly visibleAt: number;
}

export function createPublished({ clock }: { readonly clock: LabClock }): Published {
  const lists: Record<Family, LiveList<ServedIncident>> = { graph: createLiveList(), xdr: createLiveList() };
  const alerts = createLiveList<ServedAlert>();
  const alertsOf = new Map<string, readonly ServedAlert[]>();
  let pending: Pending[] = [];
  let orders = 0;

  function surface(): void {
    if (pending.length === 0) return;
    const now = clock.now();
    const due = pending.filter((item) => item.visibleAt <= now);
    if (due.length === 0) return;
    pending = pending.filter((item) => item.visibleAt > now);
    for (const { family, served } of due) showNow(family, served);
  }

  function showNow(family: Family, served: ServedIncident): void {
    lists[family].put(served);
    if (family === 'graph') showAlerts(served);
  }

  function showAlerts(served: ServedIncident): void {
    const shown = servedAlerts(served, (id) => alerts.get(id)?.order ?? nextOrder()).map(reuseShown);
    const kept = new Set(shown.map((alert) => alert.id));
    for (const old of alertsOf.get(served.id) ?? []) {
      // An alert that another incident has taken over meanwhile stays.
      if (!kept.has(old.id) && alerts.get(old.id) === old) alerts.drop(old.id);
    }
    for (const alert of shown) if (alerts.get(alert.id) !== alert) alerts.put(alert);
    alertsOf.set(served.id, shown);
  }

  /** The version that is shown already, where nothing in it has changed. */
  function reuseShown(alert: ServedAlert): ServedAlert {
    const shown = alerts.get(alert.id);
    if (shown?.kind !== 'generated' || alert.kind !== 'generated') return alert;
    return shown.alert === alert.alert ? shown : alert;
  }

  function orderOf(family: Family, id: string): number {
    const waiting = pending.find((item) => item.family === family && item.served.id === id);
    return lists[family].get(id)?.order ?? waiting?.served.order ?? nextOrder();
  }

  function nextOrder(): number {
    orders += 1;
    return orders;
  }

  /** Gives up pending versions that would only show after a newer one. */
  function forget(family: Family, id: string, from = Number.NEGATIVE_INFINITY): void {
    if (pending.length === 0) return;
    pending = pending.filter(
      (item) => item.family !== family || item.served.id !== id || item.visibleAt < from,
    );
  }

  return {
    show(families, version, visibleAt) {
      for (const family of families) {
        const served = { ...version, order: orderOf(family, version.id) };
        if (visibleAt > clock.now()) {
          forget(family, served.id, visibleAt);
          pending.push({ family, served, visibleAt });
        } else {
          forget(family, served.id);
          showNow(family, served);
        }
      }
    },
    withdraw(families, id) {
      for (const family of families) {
        forget(family, id);
        lists[family].drop(id);
      }
      if (!families.includes('graph')) return;
      for (const old of alertsOf.get(id) ?? []) if (alerts.get(old.id) === old) alerts.drop(old.id);
      alertsOf.delete(id);
    },
    incidents(family) {
      surface();
      return lists[family];
    },
    alerts() {
      surface();
      return alerts;
    },
  };
}
