import type { HuntingQuery, QuerySource } from '../query.ts';
import type { Run } from './positions.ts';

/** What a file says of a query besides its text. */
export type DraftFields = Partial<Omit<HuntingQuery, 'text' | 'source'>>;

/** A query as a reader found it, before its id, platform, placeholders and places are settled. */
export interface Draft {
  readonly format: QuerySource['format'];
  readonly text: string;
  /** Where `text` stands in the file. */
  readonly runs: readonly Run[];
  /** Where in the file the query begins: for problems. */
  readonly offset: number;
  /** Where its id stands in the file. */
  readonly idOffset?: number | undefined;
  readonly fields: DraftFields;
}

/** The text of a file, as readers get it. */
export interface QueryFile {
  /** Path as given or found, with `/`. */
  readonly file: string;
  /** Without byte order mark. */
  readonly text: string;
  /** From when on a schedule must fire. */
  readonly now: Date;
}
