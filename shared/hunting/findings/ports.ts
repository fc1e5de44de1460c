import type { Columns, RowWrite } from '../../storage.ts';
import type { Tenant } from '../../tenant.ts';
import type { PaddedTime } from '../../time.ts';

/** What is added to a tenant's change feed; its sequence number is added by the feed. */
export interface FeedEntry {
  /** What the entry is about, since incidents are told in the same feed. */
  readonly kind: 'finding';
  /** When it was seen: the feed's retention goes by it. */
  readonly observedAt: PaddedTime;
  readonly columns: Columns;
}

/** The change feed of tenants, which the incident sync owns. */
export interface FeedWriter {
  /** Reads and writes nothing yet. One for each piece of work: its patience with a sync run under way is bounded. */
  open(tenant: Pick<Tenant, 'id' | 'sync' | 'generation'>): Feed;
}

export interface Feed {
  /**
   * Adds entries and writes rows of the tenant's partition, all in one transaction under the tenant's fence: with the
   * entries at most {@link FEED_ROOM}.
   *
   * A write whose answer was lost is recognised, unless somebody else wrote since. So one of the rows must be a
   * conditional one of the caller, which fails when it is written a second time and tells the caller what happened.
   *
   * @param rows given the sequence number of the first entry
   * @throws OutriderError `storage.conflict` when a row was not as expected, `sync.fenced` when others kept writing,
   * `tenant.disabled` for a removed tenant, `storage.*`
   */
  append(entries: readonly FeedEntry[], rows: (firstSequence: number) => readonly RowWrite[]): Promise<void>;
}

/** Entries and rows of one transaction: Azure's 100 operations less the fence. */
export const FEED_ROOM = 99;
