import { ApiFault } from '../defender/api-fault.ts';
import type { BoundQuery } from './binding.ts';
import type { HuntRule } from './plays.ts';
import { seedOf, share } from './rows/chance.ts';
import { type PlannedRow, type PlanOptions, planRows } from './rows/plan.ts';
import type { Scene } from './rows/scene.ts';
import { rowsInSpan, type StoredRow } from './rows/stored.ts';
import { createRowWriter, type Wire } from './rows/write.ts';
import type { HuntSettings } from './settings.ts';
import type { Span } from './span.ts';
import { ticksOfMs } from './ticks.ts';

/** The rows of an answer, written, and whether there would have been more. */
export interface CollectedRows {
  /** JSON objects with commas between them. */
  readonly text: Buffer;
  readonly rows: number;
  readonly cut: boolean;
}

export interface CollectOptions {
  readonly binding: BoundQuery;
  /** Names the query and whose data it is run on. */
  readonly key: string;
  readonly span: Span;
  readonly stored: readonly StoredRow[] | undefined;
  readonly rule: HuntRule;
  readonly settings: HuntSettings;
  readonly scene: Scene;
  readonly wire: Wire;
  /** Milliseconds since 1970, as is `liveFrom`: the lab's start. */
  readonly now: number;
  readonly liveFrom: number;
}

/** Rows written between two turns of the event loop: some 20 ms on a slow machine. */
const BATCH = 2_000;
/** Rows an hour of queries of which nothing is said; every fourth finds nothing at all. */
const RATES = [0, 0.05, 0.4, 2];

/**
 * Writes the rows that lie in the span, up to the bounds of the query and of the service.
 *
 * @throws ApiFault 400 when the answer is too large
 */
export async function collectRows(options: CollectOptions): Promise<CollectedRows> {
  const { binding, settings } = options;
  const mostRows = binding.rowBound ?? Number.MAX_SAFE_INTEGER;
  const limit = settings.huntRowLimit ?? Number.MAX_SAFE_INTEGER;
  const mostBytes = settings.huntByteLimit ?? Number.MAX_SAFE_INTEGER;
  const pieces: Buffer[] = [];
  let batch: string[] = [];
  let rows = 0;
  let bytes = 0;
  let cut = false;

  function flush(): void {
    if (batch.length > 0) pieces.push(Buffer.from(`${pieces.length > 0 ? ',' : ''}${batch.join(',')}`));
    batch = [];
  }

  for (const text of rowTexts(options)) {
    if (rows >= mostRows) break;
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > mostBytes && settings.huntOverBytes === 'refuse') throw tooLarge();
    cut = rows >= limit || bytes > mostBytes;
    if (cut) break;
    batch.push(text);
    rows += 1;
    if (batch.length < BATCH) continue;
    flush();
    await new Promise(setImmediate);
  }
  flush();
  return { text: Buffer.concat(pieces), rows, cut };
}

/** The documented answer to a result above the size limit. */
export const tooLarge = (): ApiFault =>
  new ApiFault(
    400,
    'BadRequest',
    'Query execution has exceeded the allowed result size. Optimize your query by limiting the number of results and try again.',
  );

function* rowTexts(options: CollectOptions): Generator<string> {
  const { binding, stored, span, settings, now } = options;
  const newestFirst = binding.order ? binding.order === 'newest' : settings.huntOrder === 'newest';
  if (stored) {
    const rows = rowsInSpan(stored, span, now);
    for (const { text } of newestFirst ? rows.reverse() : rows) yield text;
    return;
  }
  const write = createRowWriter(binding, {
    ...options,
    rowBytes: options.rule.rowBytes ?? settings.huntRowBytes,
  });
  for (const row of plannedRows(options, newestFirst)) yield write(row);
}

function plannedRows(options: CollectOptions, newestFirst: boolean): Iterable<PlannedRow> {
  const { binding, key, rule, settings, now, liveFrom } = options;
  if (binding.gathers) return [gatheredRow(key, now)];
  const rowsPerHour = rule.rowsPerHour ?? settings.huntRowsPerHour ?? drawnRate(key);
  const span = binding.timed ? options.span : SNAPSHOT;
  const plan: PlanOptions = { key, rowsPerHour, settings, span, now, liveFrom, newestFirst };
  if (binding.order || settings.huntOrder !== 'none') return planRows(plan);
  return [...planRows(plan)].sort((one, other) => one.event - other.event);
}

/** Tables without a time tell how things are: the same rows in every span, as many as of thirty days. */
const SNAPSHOT: Span = { from: 0n, to: ticksOfMs(30 * 24 * 3_600_000) };

/** What `count` and `summarize` without `by` give, whatever there is to gather. */
function gatheredRow(key: string, now: number): PlannedRow {
  const hourMs = now - (now % 3_600_000);
  return { hourMs, offset: 0, entity: seedOf(key), event: seedOf(key, hourMs), serial: 0 };
}

const drawnRate = (key: string): number => RATES[Math.floor(share(seedOf(key), 0) * RATES.length)] ?? 0;
