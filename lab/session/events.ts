import type { ChangeKind } from '../defender/generator/generator.ts';
import type { FileFault } from '../defender/load-files.ts';
import type { LogEntry } from '../runner/log.ts';

/** A customer as the session speaks of it. */
export interface SessionTenant {
  readonly id: string;
  readonly name: string;
  readonly api: 'graph' | 'xdr';
  readonly credential: 'federated' | 'secret';
}

/** A change that the stream has made upstream. */
export interface StreamChange {
  readonly kind: ChangeKind;
  readonly incidentId: string;
  readonly title: string;
}

/** What happens in a lab session, each with the lab's time in milliseconds since 1970 UTC. */
export type SessionEvent = { readonly at: number } & (
  | { readonly kind: 'cloudUp'; readonly storedIn: string | undefined }
  | {
      readonly kind: 'served';
      readonly tenant: SessionTenant;
      readonly incidents: number;
      readonly from: 'generated' | 'files' | 'both';
    }
  /** Hunts for so many queries are answered from files. */
  | { readonly kind: 'hunts'; readonly queries: number; readonly faults: readonly FileFault[] }
  | { readonly kind: 'contained' }
  /** A directory has become a customer: now, or before the storage was kept. */
  | { readonly kind: 'joined'; readonly tenant: SessionTenant; readonly how: 'invitation' | 'kept' }
  | { readonly kind: 'listening'; readonly url: string; readonly functions: number }
  /** Seen at the stand-ins: the app's first token from a managed identity. */
  | { readonly kind: 'identity' }
  | { readonly kind: 'secretRead'; readonly tenant: SessionTenant }
  | { readonly kind: 'signedIn'; readonly tenant: SessionTenant }
  | { readonly kind: 'firstPage'; readonly tenant: SessionTenant }
  /** A stand-in answered calls for a tenant with an error, or cut them. */
  | {
      readonly kind: 'trouble';
      readonly tenant: SessionTenant;
      readonly service: string;
      readonly answer: number | 'cut';
      readonly times: number;
    }
  /** How far a first load is. */
  | { readonly kind: 'loading'; readonly tenant: SessionTenant; readonly incidents: number }
  | {
      readonly kind: 'loaded';
      readonly tenant: SessionTenant;
      readonly incidents: number;
      readonly versions: number;
    }
  | { readonly kind: 'failing'; readonly tenant: SessionTenant; readonly text: string }
  | { readonly kind: 'changed'; readonly tenant: SessionTenant; readonly change: StreamChange }
  /** The app has stored what changed. */
  | {
      readonly kind: 'synced';
      readonly tenant: SessionTenant;
      readonly incidents: number;
      readonly versions: number;
      readonly changes: readonly StreamChange[];
    }
  /** A scheduled hunt has ended, and the app has stored what is new. */
  | {
      readonly kind: 'hunted';
      readonly tenant: SessionTenant;
      /** Id of the query. */
      readonly query: string;
      /** New findings that went to the change feed, or were learned silently. */
      readonly announced: number;
      readonly learned: number;
      readonly seenAgain: number;
    }
  /** A scheduled hunt has failed, or its answer was not whole. */
  | {
      readonly kind: 'huntFailing';
      readonly tenant: SessionTenant;
      readonly query: string;
      readonly code: string;
    }
  /** The scheduled hunt that the session wants to show did not run. */
  | { readonly kind: 'noHunt'; readonly text: string }
  /** The app has looked at what it may do in a tenant: each capability with its state, in the app's own words. */
  | {
      readonly kind: 'lookedOver';
      readonly tenant: SessionTenant;
      readonly states: readonly (readonly [capability: string, state: string])[];
    }
  | { readonly kind: 'said'; readonly entry: LogEntry }
  | { readonly kind: 'refused'; readonly target: string }
  | { readonly kind: 'defect'; readonly text: string }
);

export type OnEvent = (event: SessionEvent) => void;
