import type { SessionEvent, SessionTenant } from '../../../lab/session/events.ts';
import { count, counted } from '../../output/amounts.ts';
import { type EventText, eventText } from './event-text.ts';
import { MANY } from './many.ts';

const FIRST = 5;
const STEP = 10;

/** How the start of a lab is told, so that it fits fifty customers as well as two. */
export interface Crowd {
  /** As `eventText`, with one line for many where tenants all go through the same. */
  text(event: SessionEvent): EventText | undefined;
  /** The name of the bar that shows a tenant's progress: its own, or one for all. */
  barOf(tenant: SessionTenant): string;
}

/** @param tenants how many customers the lab has */
export function createCrowd(tenants: number): Crowd {
  if (tenants <= MANY) return { text: eventText, barOf: ({ name }) => name };
  const first = new Set<string>();
  const joined = new Set<string>();
  let others = 0;
  let incidents = 0;
  let loaded = 0;

  const isToldOfAlone = ({ id }: SessionTenant): boolean => first.has(id) || joined.has(id);

  function served(event: Extract<SessionEvent, { kind: 'served' }>): EventText | undefined {
    if (first.size < FIRST) {
      first.add(event.tenant.id);
      return eventText(event);
    }
    others += 1;
    incidents += event.incidents;
    if (first.size + others < tenants) return undefined;
    return plain(`${counted(others, 'more tenant')} with ${counted(incidents, 'incident')}`);
  }

  function countLoaded(event: Extract<SessionEvent, { kind: 'loaded' }>): EventText | undefined {
    if (joined.has(event.tenant.id)) return eventText(event);
    loaded += 1;
    if (loaded === tenants) return good(`All ${count(tenants)} tenants are loaded`);
    if (loaded % STEP === 0) return good(`${count(loaded)} of ${count(tenants)} tenants are loaded`);
    return isToldOfAlone(event.tenant) ? eventText(event) : undefined;
  }

  return {
    barOf: () => `${count(tenants)} tenants`,
    text(event) {
      switch (event.kind) {
        case 'served':
          return served(event);
        case 'joined':
          joined.add(event.tenant.id);
          return eventText(event);
        case 'lookedOver':
        case 'secretRead':
        case 'signedIn':
        case 'firstPage':
        case 'hunted':
          return isToldOfAlone(event.tenant) ? eventText(event) : undefined;
        case 'loaded':
          return countLoaded(event);
        default:
          return eventText(event);
      }
    },
  };
}

const plain = (text: string): EventText => ({ text, tone: 'plain' });
const good = (text: string): EventText => ({ text, tone: 'good' });
