import { gzipSync } from 'node:zlib';
import type { RunDependencies } from './dependencies.ts';
import { descriptionBlob } from './names.ts';
import { FORMAT, type RunInput, type RunProgress } from './record.ts';
import type { RunSession } from './run-session.ts';
import type { HuntRun, RunFailure, Truncation } from './types.ts';

/** How a run ends. */
export interface Ending {
  readonly state: 'succeeded' | 'truncated' | 'failed';
  /** Of the result; a run that failed has none. */
  readonly rows?: number;
  readonly calls?: number;
  readonly bytes?: number;
  readonly received?: number;
  readonly failure?: RunFailure;
  readonly truncation?: Truncation;
  readonly progress?: RunProgress;
}

/**
 * Ends a run: what describes its blobs is written beside them, then its row, which alone makes them its result.
 *
 * @throws OutriderError `hunt.fenced` when it has ended otherwise, or is in other hands
 */
export async function finishRun(
  { blobs, clock, log }: Pick<RunDependencies, 'blobs' | 'clock' | 'log'>,
  session: RunSession,
  { progress, ...ending }: Ending,
): Promise<Ending['state']> {
  const { record } = session;
  const patch = {
    rows: 0,
    bytes: 0,
    ...ending,
    endedMs: clock.now(),
    lease: undefined,
    waitsUntilMs: undefined,
    waitsFor: undefined,
  };
  if (progress && progress.parts.length > 0) {
    const name = descriptionBlob(record.id, record.writer);
    const text = JSON.stringify(
      descriptionOf({ ...record, ...patch }, await session.input(), progress),
      undefined,
      2,
    );
    await blobs.put(name, gzipSync(text), { v: String(FORMAT) });
  }
  await session.commit(patch, progress);
  const { rows, calls, bytes, received, failure, truncation, beganMs, origin } = session.record;
  const fields = {
    state: ending.state,
    origin,
    rows,
    calls,
    bytes,
    received,
    slices: progress?.slices.length,
    ms: clock.now() - (beganMs ?? clock.now()),
    why: truncation?.reason,
  };
  if (failure)
    log.warn('hunt.failed', {
      ...fields,
      code: failure.code,
      text: failure.text,
      trackingId: failure.trackingId,
    });
  else log.info('hunt.done', fields);
  return ending.state;
}

/** What the blobs of a result are, for whoever finds them: the same that the API says. */
function descriptionOf(
  run: HuntRun,
  input: RunInput,
  { columns, slices, parts, inline: _none }: RunProgress,
): object {
  const {
    id,
    tenant,
    state,
    origin,
    askedBy,
    query,
    group,
    requestedMs,
    beganMs,
    endedMs,
    rows,
    bytes,
    calls,
  } = run;
  return {
    v: FORMAT,
    run: id,
    tenant,
    state,
    origin,
    askedBy,
    query,
    group,
    requested: iso(requestedMs),
    began: iso(beganMs),
    ended: iso(endedMs),
    durationMs: endedMs === undefined || beganMs === undefined ? undefined : endedMs - beganMs,
    text: input.text,
    parameters: input.parameters,
    timespan: input.timespan,
    schema: columns,
    rows,
    bytes,
    calls,
    truncation: run.truncation,
    slices,
    parts: parts.map(({ name, rows: count }) => ({ blob: name, rows: count })),
  };
}

const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();
