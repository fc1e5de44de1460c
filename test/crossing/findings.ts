/** What a play saw: calls and events counted, and every sign that two tenants or persons were mixed up. */
export interface Findings {
  readonly counts: Counts;
  /** The first signs, in words. */
  readonly crossings: string[];
  crossing(what: string): void;
}

export type Counts = Record<keyof typeof NONE, number>;

/** Everything that is counted. */
const NONE = {
  /** Requests to the Defender APIs and to sign-in, and those of them in a person's name. */
  calls: 0,
  personCalls: 0,
  /** Sign-ins of apps. */
  signIns: 0,
  /** By why there was one: no token yet, refused with 401, near its end, or forgotten while it was good. */
  firstSignIns: 0,
  renewals: 0,
  refreshes: 0,
  evictions: 0,
  /** Exchanges of persons' tokens, and by why in the same way. */
  exchanges: 0,
  firstExchanges: 0,
  renewedExchanges: 0,
  expiredExchanges: 0,
  evictedExchanges: 0,
  /** Exchanges that answer a challenge of the service, and those refused until the person has stepped up. */
  challengesAnswered: 0,
  stepUps: 0,
  /** API calls answered so by the stand-ins, and the same calls sent again after that. */
  answered401: 0,
  answered429: 0,
  answered503: 0,
  retriedAfter401: 0,
  retriedAfter429: 0,
  retriedAfter503: 0,
  /** Answers that took seconds, and those that took longer than an attempt may. */
  slow: 0,
  tooSlow: 0,
  /** Work that was given up for now, for want of quota or of an answer in time. */
  givenUp: 0,
  linksFollowed: 0,
  /** Most API calls under way at once, and most pieces of work. */
  callsAtOnce: 0,
  workAtOnce: 0,
  syncRuns: 0,
  /** Work of persons, sign-ins for it, and how often they came with a token that was over. */
  visits: 0,
  personSignIns: 0,
  cameTooLate: 0,
  reads: 0,
  updates: 0,
  hunts: 0,
  personHunts: 0,
  huntRows: 0,
  /** Listings that were begun with a token of another tenant, and rows they showed. */
  foreignListings: 0,
  foreignListingRows: 0,
  storageCalls: 0,
  messages: 0,
};

const MOST_KEPT = 20;

export function createFindings(): Findings {
  const crossings: string[] = [];
  return {
    crossings,
    crossing(what) {
      if (crossings.length < MOST_KEPT) crossings.push(what);
    },
    counts: { ...NONE },
  };
}
