import { describe, expect, it } from 'vitest';
import type { QuerySchedule } from '../../../shared/hunting/query.ts';
import { createDue } from '../../../shared/hunting/schedule/due.ts';
import { LATE_EVENTS_MS, MOST_SPAN_MS, runSpan } from '../../../shared/hunting/schedule/run-span.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TICK = 15 * MINUTE;
const at = (time: string): number => Date.parse(time);
const TENANTS = Array.from({ length: 1_000 }, (_, n) => `tenant-${n}`);

const schedule = (every: QuerySchedule['every'], timeZone = 'UTC'): QuerySchedule => ({
  every,
  timeZone,
  lookbackMinutes: 60,
  learnSilently: false,
  endsAfterDays: 30,
});

function dueTimes(cron: string, timeZone: string, from: string, hours: number): string[] {
  const query = { id: 'q', schedule: schedule({ cron }, timeZone) };
  const times: string[] = [];
  for (let lastMs = at(from); lastMs < at(from) + hours * HOUR; lastMs += TICK) {
    const due = createDue(query, { lastMs, nowMs: lastMs + TICK })('t');
    if (due) times.push(new Date(due.dueMs).toISOString().slice(5, 16));
  }
  return times;
}

describe('a calendar', () => {
  it('is read in its time zone, through both changes of the clock', () => {
    // Berlin skips 02:00 to 03:00 on 29 March and has it twice on 25 October 2026.
    expect(dueTimes('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 72)).toEqual([
      '03-28T01:30',
      '03-29T01:00',
      '03-30T00:30',
    ]);
    expect(dueTimes('0 30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00:00Z', 72)).toEqual([
      '10-24T00:30',
      '10-25T00:30',
      '10-26T01:30',
    ]);
    expect(dueTimes('0 8 * * 1-5', 'America/New_York', '2026-03-06T00:00:00Z', 96)).toEqual([
      '03-06T13:00',
      '03-09T12:00',
    ]);
  });

  it('that is hourly is due each hour that passes, also when the clock is put back', () => {
    expect(dueTimes('0 * * * *', 'Europe/Berlin', '2026-10-24T22:59:00Z', 5)).toEqual([
      '10-24T23:00',
      '10-25T00:00',
      '10-25T01:00',
      '10-25T02:00',
      '10-25T03:00',
    ]);
  });

  it('is due in the tick that holds its second, once', () => {
    const query = { id: 'q', schedule: schedule({ cron: '30 0 8 * * *' }) };
    const tick = (lastMs: number, nowMs: number) => createDue(query, { lastMs, nowMs })('t')?.dueMs;
    const due = at('2026-03-02T08:00:30Z');
    expect(tick(due - 1_000, due)).toBe(due);
    expect(tick(due, due + 1_000)).toBeUndefined();
    expect(tick(due - MINUTE, due - 1)).toBeUndefined();
    expect(tick(due - 1, due + 500)).toBe(due);
  });

  it('that was missed many times is due once, for the latest', () => {
    const query = { id: 'q', schedule: schedule({ cron: '*/5 * * * *' }) };
    const nowMs = at('2026-03-10T10:02:00Z');
    const due = createDue(query, { lastMs: nowMs - 9 * DAY, nowMs })('t');
    expect(due?.dueMs).toBe(at('2026-03-10T10:00:00Z'));
    expect(createDue(query, { lastMs: undefined, nowMs })('t')?.dueMs).toBe(due?.dueMs);
  });

  it('begins in tenants one after the other, within a share of its period', () => {
    const nowMs = at('2026-03-02T08:00:00Z');
    const spread = (cron: string) => {
      const due = createDue({ id: 'q', schedule: schedule({ cron }) }, { lastMs: nowMs - 1, nowMs });
      const delays = TENANTS.map((tenant) => due(tenant)?.delaySeconds ?? -1);
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
      return { most: Math.max(...delays), different: new Set(delays).size };
    };
    expect(spread('0 8 * * *').most).toBeLessThanOrEqual(15 * 60);
    expect(spread('0 8 * * *').different).toBeGreaterThan(400);
    expect(spread('*/10 * * * *').most).toBeLessThanOrEqual(60);
    expect(spread('*/10 * * * *').most).toBeGreaterThan(50);
  });
});

describe('a period', () => {
  const query = { id: 'q', schedule: schedule({ minutes: 60 }) };
  const begin = at('2026-03-02T00:00:00Z');

  it('is due once in each, at a time of its own in each tenant, evenly', () => {
    const perMinute = Array.from({ length: 60 }, (_, minute) => {
      const lastMs = begin + minute * MINUTE;
      const due = createDue(query, { lastMs, nowMs: lastMs + MINUTE });
      return TENANTS.filter((tenant) => {
        const found = due(tenant);
        if (found) {
          expect(found.dueMs).toBeGreaterThan(lastMs);
          expect(found.dueMs).toBeLessThanOrEqual(lastMs + MINUTE);
          expect(found.delaySeconds).toBeLessThan(60);
        }
        return found;
      });
    });
    // What is due in the same minute does not begin in the same second, either.
    const lastMs = begin + 7 * MINUTE;
    const due = createDue(query, { lastMs, nowMs: lastMs + MINUTE });
    const delays = TENANTS.flatMap((tenant) => due(tenant)?.delaySeconds ?? []);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(30);
    expect(perMinute.flat()).toHaveLength(1_000);
    expect(new Set(perMinute.flat()).size).toBe(1_000);
    expect(Math.max(...perMinute.map(({ length }) => length))).toBeLessThan(40);
  });

  it('that was missed, or whose last tick is not known, is due once, spread', () => {
    for (const lastMs of [begin - 3 * DAY, undefined]) {
      const due = createDue(query, { lastMs, nowMs: begin });
      const found = TENANTS.flatMap((tenant) => due(tenant) ?? []);
      expect(found).toHaveLength(1_000);
      expect(Math.max(...found.map(({ delaySeconds }) => delaySeconds))).toBeGreaterThan(750);
      expect(Math.max(...found.map(({ delaySeconds }) => delaySeconds))).toBeLessThan(900);
      expect(Math.min(...found.map(({ dueMs }) => dueMs))).toBeGreaterThan(begin - HOUR);
    }
  });

  it.each([
    [30, 3],
    [60, 15],
    [4 * 60, 60],
    [24 * 60, 60],
  ])(
    'of %i minutes begins within %i minutes of a start: seldom ones leave room for the others',
    (period, spread) => {
      const due = createDue(
        { id: 'q', schedule: schedule({ minutes: period }) },
        { lastMs: undefined, nowMs: begin },
      );
      const most = Math.max(...TENANTS.map((tenant) => due(tenant)?.delaySeconds ?? -1));
      expect(most).toBeLessThan(spread * 60);
      expect(most).toBeGreaterThan(spread * 50);
    },
  );
});

describe('the span of a run', () => {
  const nowMs = at('2026-03-31T00:00:00Z');
  const span = (watermarkMs: number | undefined, lookbackMinutes = 60) =>
    runSpan({ watermarkMs, lookbackMinutes, nowMs });

  it('is the lookback, or back to the watermark with the margin for late events', () => {
    expect(span(undefined)).toEqual({ fromMs: nowMs - HOUR, toMs: nowMs });
    expect(span(nowMs - 5 * MINUTE).fromMs).toBe(nowMs - 5 * MINUTE - LATE_EVENTS_MS);
    expect(span(nowMs - 5 * MINUTE, 1_440).fromMs).toBe(nowMs - DAY);
    expect(span(nowMs - 3 * DAY)).toEqual({ fromMs: nowMs - 3 * DAY - LATE_EVENTS_MS, toMs: nowMs });
  });

  it('is never over 30 days, and tells what is out of reach', () => {
    expect(span(nowMs - MOST_SPAN_MS + 1)).toEqual({ fromMs: nowMs - MOST_SPAN_MS, toMs: nowMs });
    expect(span(nowMs - MOST_SPAN_MS - 5)).toEqual({
      fromMs: nowMs - MOST_SPAN_MS,
      toMs: nowMs,
      gap: { fromMs: nowMs - MOST_SPAN_MS - 5, toMs: nowMs - MOST_SPAN_MS },
    });
    expect(span(undefined, 43_200)).toEqual({ fromMs: nowMs - MOST_SPAN_MS, toMs: nowMs });
  });
});
