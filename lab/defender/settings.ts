import { defaultHuntSettings, type HuntSettings } from '../hunting/settings.ts';

/**
 * How the lab's Defender behaves where Microsoft's documents are silent, and its quotas. Every field may be
 * changed while the lab runs; the next request sees the change.
 */
export interface DefenderSettings extends HuntSettings {
  /** The date that "newest first" means; not documented for Graph, nor for the XDR API. */
  orderBy: 'createdDateTime' | 'lastUpdateDateTime';
  /** How Graph's `@odata.nextLink` names the next page. */
  links: 'skip' | 'token';
  /** How long a `$skiptoken` lives, in milliseconds; null: for ever. */
  tokenLifeMs: number | null;
  /** What an expired `$skiptoken` is answered with. */
  expiredTokenStatus: 400 | 410;
  /** Whether a last page that happens to be full still carries a link, which then leads to an empty page. */
  linkAfterFullPage: boolean;
  /** Graph page length where the request names none. */
  defaultPageSize: number;
  /** Greatest `$top` of alerts_v2; no limit is documented. */
  alertsTopLimit: number;
  /** `$orderby`, `$select` and `$search`: refused with 400, or taken and not obeyed. */
  undocumentedOptions: 'reject' | 'ignore';
  /** Whether a `'` that is not percent-encoded is refused with 400, as a blank always is. */
  refuseRawQuotes: boolean;

  /**
   * What `$expand=alerts` does for an incident above `expandAlertLimit`: gives all; gives the first ones and
   * `alerts@odata.nextLink`; gives the first ones and says nothing; fails the whole request.
   * Above `expandByteLimit` a page fails in mode `fail` only.
   */
  expand: 'whole' | 'paged' | 'cut' | 'fail';
  expandAlertLimit: number;
  /** Bytes of a page above which `fail` fails; null: only the number of alerts counts. */
  expandByteLimit: number | null;
  expandFailStatus: 500 | 503 | 504;

  /** Evidence, alerts, roles, tags, techniques and comments in another order at every read. */
  shuffleArrays: boolean;
  /** `@odata.etag` on incidents and alerts, another one at every read. */
  changingEtags: boolean;
  /** Fraction digits of times in answers; the stored time keeps seven. `trimmed`: without trailing zeros. */
  timeDigits: 0 | 3 | 6 | 7 | 'trimmed';
  /** Whether a new or changed alert moves its incident's `lastUpdateDateTime`. */
  alertChangesMoveIncident: boolean;
  /** Milliseconds until a change shows in lists and gets, under the time at which it was made. */
  indexingDelayMs: number;
  /** Whether an incident that was merged away is still listed and found. */
  redirected: 'listed' | 'gone';
  /**
   * What happens in the list before each page after the first is read: nothing; a new incident arrives; one
   * that is still ahead of the reader changes; one that the reader has had is removed, so that later ones move up.
   */
  pageShift: 'none' | 'arrive' | 'change' | 'remove';
  /** Called before each page is read, awaited: for tests that change the list in their own way. */
  beforeListRead: ((read: ListRead) => void | Promise<void>) | null;

  /** Graph calls a minute for each app and tenant (150 is documented for alerts, nothing for incidents); null: no limit. */
  graphCallsPerMinute: number | null;
  /** XDR API quotas as documented; null: no limit. */
  xdrListCallsPerMinute: number | null;
  xdrGetCallsPerMinute: number | null;
  xdrCallsPerHour: number | null;
  /** Whether the XDR API's 429 carries `Retry-After`; its page says only that the body names the time. */
  xdrRetryAfter: boolean;
  /** Whether the XDR API's list carries `@odata.nextLink`; its page documents `$top` and `$skip` only. */
  xdrNextLink: boolean;
}

/** A page that is about to be read. */
export interface ListRead {
  readonly tenantId: string;
  readonly family: 'graph' | 'xdr';
  readonly collection: 'incidents' | 'alerts';
  /** Items before the page. */
  readonly skip: number;
}

/** The behaviour that most documents and samples suggest, with the documented quotas. */
export function defaultSettings(): DefenderSettings {
  return {
    ...defaultHuntSettings(),
    orderBy: 'createdDateTime',
    links: 'skip',
    tokenLifeMs: null,
    expiredTokenStatus: 400,
    linkAfterFullPage: false,
    defaultPageSize: 50,
    alertsTopLimit: 2000,
    undocumentedOptions: 'reject',
    refuseRawQuotes: true,
    expand: 'whole',
    expandAlertLimit: 100,
    expandByteLimit: null,
    expandFailStatus: 500,
    shuffleArrays: false,
    changingEtags: false,
    timeDigits: 7,
    alertChangesMoveIncident: true,
    indexingDelayMs: 0,
    redirected: 'listed',
    pageShift: 'none',
    beforeListRead: null,
    graphCallsPerMinute: 150,
    xdrListCallsPerMinute: 50,
    xdrGetCallsPerMinute: 100,
    xdrCallsPerHour: 1500,
    xdrRetryAfter: true,
    xdrNextLink: false,
  };
}
