import type { RunStorage } from '../run/dependencies.ts';
import { readRows } from '../run/read.ts';
import type { HuntRun } from '../run/types.ts';

/** Rows of a result, each the text of one JSON object as the service wrote it. */
export interface RowsPage {
  readonly rows: readonly string[];
  /** Number of the page's first row, from 0. */
  readonly from: number;
  /** Number of the first row that is not in the page; undefined at the end of the result. */
  readonly next: number | undefined;
}

/** Which rows, and how much of them is held at a time. */
export interface PageSize {
  readonly from: number;
  /** Default: to the end. */
  readonly count?: number | undefined;
  /** A page ends with the row that makes it longer than this, in UTF-16 units. */
  readonly mostChars: number;
}

/** @throws OutriderError `request.not_found`, `hunt.not_ready`, `storage.*` */
export async function readRowsPage(
  storage: RunStorage,
  { id, tenant, rows: total }: Pick<HuntRun, 'id' | 'tenant' | 'rows'>,
  { from, count, mostChars }: PageSize,
): Promise<RowsPage> {
  const rows: string[] = [];
  let chars = 0;
  for await (const chunk of readRows(storage, { tenant, run: id, from, count })) {
    for (const row of chunk) {
      if (chars > mostChars) break;
      rows.push(row);
      chars += row.length;
    }
    if (chars > mostChars) break;
  }
  const next = from + rows.length;
  return { rows, from, next: next < total && rows.length > 0 ? next : undefined };
}
