import { EVOLVABLE } from './graph-enums.ts';
import type { GraphAlert, GraphIncident } from './graph-types.ts';
import type { Random } from './random.ts';
import type { ServedAlert, ServedIncident } from './served.ts';
import type { DefenderSettings } from './settings.ts';
import { withDigits } from './times.ts';

/** What a request asks for in an incident. */
export interface IncidentView {
  readonly alerts: boolean;
  /** `Prefer: include-unknown-enum-members` was sent. */
  readonly newMembers: boolean;
  /** Where links begin: `https://graph.microsoft.com/v1.0`. */
  readonly root: string;
}

export interface GraphRenderer {
  /** One incident as JSON text; what was loaded from a file exactly as it was written. */
  incident(served: ServedIncident, view: IncidentView): string;
  alert(served: ServedAlert, view: Pick<IncidentView, 'newMembers'>): string;
}

const TIME_NAME = /DateTime$/;

/** Renders generated records the way the settings say. */
export function createGraphRenderer(options: {
  readonly settings: DefenderSettings;
  readonly random: Random;
}): GraphRenderer {
  const { settings, random } = options;
  function toText(record: object, newMembers: boolean): string {
    // As stored: by far the most common case, and several times as fast.
    if (newMembers && settings.timeDigits === 7 && !settings.shuffleArrays) return JSON.stringify(record);
    return JSON.stringify(record, (name, value: unknown) => {
      if (Array.isArray(value)) return settings.shuffleArrays ? random.shuffle(value) : value;
      if (typeof value !== 'string') return value;
      if (TIME_NAME.test(name)) return withDigits(value, settings.timeDigits);
      return !newMembers && EVOLVABLE[name]?.has(value) ? 'unknownFutureValue' : value;
    });
  }

  function withEtag<T extends object>(record: T): T | (T & { '@odata.etag': string }) {
    return settings.changingEtags ? { '@odata.etag': `W/"${random.hex(16)}"`, ...record } : record;
  }

  function expanded(incident: GraphIncident, root: string): object {
    const { alerts, ...rest } = incident;
    const limit = settings.expandAlertLimit;
    const shorter = (settings.expand === 'paged' || settings.expand === 'cut') && alerts.length > limit;
    const path = `${root}/security/incidents/${incident.id}/alerts`;
    return {
      ...withEtag(rest),
      'alerts@odata.context': `${root}/$metadata#security/incidents('${incident.id}')/alerts`,
      ...(shorter && settings.expand === 'paged'
        ? { 'alerts@odata.nextLink': `${path}?$skip=${limit}` }
        : {}),
      alerts: (shorter ? alerts.slice(0, limit) : alerts).map((alert: GraphAlert) => withEtag(alert)),
    };
  }

  return {
    incident(served, { alerts, newMembers, root }) {
      if (served.kind === 'raw') return alerts ? served.raw.text : served.raw.bareText;
      const { incident } = served;
      if (alerts) return toText(expanded(incident, root), newMembers);
      const { alerts: _alerts, ...rest } = incident;
      return toText(withEtag(rest), newMembers);
    },
    alert(served, { newMembers }) {
      if (served.kind === 'raw') return served.raw.text;
      return toText(withEtag(served.alert), newMembers);
    },
  };
}
