import type { Reply } from '../../clients/fake-wire.ts';

/** A row that a careless reader would change: a large number, a trailing zero, two names that differ by case. */
export const ROW = '{"ReportId":9223372036854775807,"d":1.10,"e":"","n":null,"a":1,"A":2}';

/** An answer of Graph with these rows. */
export const body = (...rows: string[]): Reply => ({
  body: `{"schema":[{"name":"ReportId","type":"Int64"}],"results":[${rows.join(',')}]}`,
});
