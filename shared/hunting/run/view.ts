import type { RunInput, RunProgress, RunRecord } from './record.ts';
import type { HuntRun, HuntRunDetails } from './types.ts';

/** A run as it is shown, without what only those who run it need. */
export function runOf(record: RunRecord): HuntRun {
  const {
    writer: _w,
    turn: _t,
    attempts: _a,
    retries: _r,
    expiresMs: _e,
    lease: _l,
    keyRow: _k,
    ...run
  } = record;
  return run;
}

export function detailsOf(record: RunRecord, input: RunInput, progress: RunProgress): HuntRunDetails {
  const { text, parameters, timespan, maxRows } = input;
  const { columns, slices } = progress;
  return { ...runOf(record), text, parameters, timespan, maxRows, columns, slices };
}
