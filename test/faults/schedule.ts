/** What happens upstream. An incident is named by its place in `IDS`. */
export type Change =
  /** Written whole: inserted when it is not there. `lateMs`: indexed so long after its last update. */
  | {
      readonly do: 'write';
      readonly id: string;
      readonly title: string;
      readonly status: string;
      readonly alerts: number;
      /** Has exactly the last update of the write before. */
      readonly tie?: true;
      readonly lateMs?: number;
    }
  /** An alert changes; the incident's own last update moves or stays. */
  | { readonly do: 'alert'; readonly id: string; readonly title: string; readonly moves: boolean }
  | { readonly do: 'remove'; readonly id: string }
  /** A removed one is listed again as it was. */
  | { readonly do: 'return'; readonly id: string }
  | { readonly do: 'merge'; readonly id: string; readonly into: string }
  /** Many at once: more than a pass reads. */
  | { readonly do: 'burst'; readonly count: number };

/** Where a run waits for something outside. `next` is a further page of a list, `any` counts them all. */
export type Port =
  | 'list'
  | 'next'
  | 'get'
  | 'alerts'
  | 'join'
  | 'row'
  | 'range'
  | 'transact'
  | 'put'
  | 'blob'
  | 'blobs'
  | 'send'
  | 'any';

/** What goes wrong at a call. */
export type Effect =
  | { readonly kind: 'fails'; readonly code: string }
  /** Took effect, but the answer is lost. */
  | { readonly kind: 'lost' }
  /** Sent twice by the transport; the second answer counts. */
  | { readonly kind: 'twice' }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'dies'; readonly when: 'before' | 'after' }
  /** Goes on `steps` steps of the schedule later. */
  | { readonly kind: 'freezes'; readonly when: 'before' | 'after'; readonly steps: number }
  /** Somebody else writes the tenant's state first. */
  | { readonly kind: 'etag' }
  | { readonly kind: 'steal' }
  /** Upstream changes while the run reads. */
  | { readonly kind: 'change'; readonly change: Change };

/** Something that happens at the n-th call of a port in a run. */
export interface Fault {
  readonly port: Port;
  readonly nth: number;
  readonly effect: Effect;
}

export type Step =
  | { readonly do: 'change'; readonly change: Change }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'run'; readonly faults: readonly Fault[] }
  | { readonly do: 'two'; readonly faults: readonly Fault[]; readonly others: readonly Fault[] }
  /** A person asks for a run, or a message is given up, while a run is under way. */
  | { readonly do: 'ask'; readonly faults: readonly Fault[] }
  | { readonly do: 'poison'; readonly faults: readonly Fault[] }
  /** A run died and left its lease. */
  | { readonly do: 'lease'; readonly ms: number };

/** How the service behaves where nothing is documented, and how the sync is set. */
export interface Settings {
  readonly family: 'graph' | 'xdr';
  readonly order: 'lastUpdate' | 'created';
  readonly maxTop: number;
  readonly alertsTop: number;
  readonly budgetMs: number;
  readonly overlapMinutes: number;
  readonly backfillDays: number;
  /** More alerts than this in one page cannot be expanded, nor twice as many in one incident. */
  readonly mostAlerts: number;
  /** The list of alerts can be joined. */
  readonly joins: boolean;
}

/** A story: what is there at first, and what happens then. Playing it twice gives the same. */
export interface Schedule {
  /** Decides what is left to chance while it is played: the order of calls, shuffled arrays. */
  readonly seed: number;
  readonly settings: Settings;
  readonly steps: readonly Step[];
  /** Incidents there before the tenant is added, with their age. */
  readonly initial: readonly { readonly id: string; readonly ageMs: number; readonly alerts: number }[];
}

/** Some with characters that no key may hold. */
export const IDS = ['1', '2', '3', '4', '5', '6', 'a/b#?', 'é~!'] as const;
