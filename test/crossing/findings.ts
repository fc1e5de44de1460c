/** What a play saw: calls and events counted, and every sign that two tenants were mixed up. */
export interface Findings {
  readonly counts: Counts;
  /** The first signs, in words. */
  readonly crossings: string[];
  crossing(what: string): void;
}

export interface Counts {
  /** Requests to the Defender APIs and to sign-in. */
  calls: number;
  signIns: number;
  /** Sign-ins by why there was one: no token yet, refused with 401, near its end, or forgotten while it was good. */
  firstSignIns: number;
  renewals: number;
  refreshes: number;
  evictions: number;
  /** API calls answered 429 or 401, and the same calls sent again after that. */
  throttled: number;
  refused: number;
  retriedAfter429: number;
  retriedAfter401: number;
  linksFollowed: number;
  /** Most API calls under way at once, and most sync runs. */
  callsAtOnce: number;
  runsAtOnce: number;
  runs: number;
  /** Listings that were begun with a token of another tenant, and rows they showed. */
  foreignListings: number;
  foreignListingRows: number;
  storageCalls: number;
}

const MOST_KEPT = 20;

export function createFindings(): Findings {
  const crossings: string[] = [];
  return {
    crossings,
    crossing(what) {
      if (crossings.length < MOST_KEPT) crossings.push(what);
    },
    counts: {
      calls: 0,
      signIns: 0,
      firstSignIns: 0,
      renewals: 0,
      refreshes: 0,
      evictions: 0,
      throttled: 0,
      refused: 0,
      retriedAfter429: 0,
      retriedAfter401: 0,
      linksFollowed: 0,
      callsAtOnce: 0,
      runsAtOnce: 0,
      runs: 0,
      foreignListings: 0,
      foreignListingRows: 0,
      storageCalls: 0,
    },
  };
}
