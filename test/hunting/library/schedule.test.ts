import { describe, expect, it } from 'vitest';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import { minutesOf, spanOf } from '../../../shared/hunting/library/spans.ts';
import { bytesOf } from './places.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
/** Comes upon each day of the week, and upon the twelve days before clocks change. */
const DAYS_APART = process.env.CI ? 1 : 11;

function read(...fields: readonly string[]) {
  const text = ['id: a', 'query: print 1', ...fields].join('\n');
  return readQueryFile('a.yaml', bytesOf(text), { now: NOW });
}

function schedule(...fields: readonly string[]) {
  const { queries, problems } = read(...fields);
  expect(problems).toEqual([]);
  return queries[0]?.schedule;
}

describe('a span', () => {
  it.each([
    ['PT1H', 60],
    ['P1D', 1440],
    ['P2W', 20_160],
    ['P1DT2H30M', 1590],
    ['PT90S', 1.5],
    ['5m', 5],
    ['1h', 60],
    ['24H', 1440],
    ['14d', 20_160],
    ['30s', 0.5],
    ['0', 0],
    ['PT0S', 0],
  ])('%s is %d minutes', (text, minutes) => expect(minutesOf(text)).toBe(minutes));

  it.each(['', 'P', 'PT', 'P1DT', '1', '1y', 'h', '-5m', '1.5h', 'P1M', '1h30m'])('%j is none', (text) =>
    expect(minutesOf(text)).toBeUndefined(),
  );

  it('is written so that it is read as the same', () => {
    for (const minutes of [5, 59, 60, 90, 1440, 2880, 1441, 43_200])
      expect(minutesOf(spanOf(minutes))).toBe(minutes);
  });
});

describe('a schedule', () => {
  it('has a frequency, and looks back as far as that at least', () => {
    expect(schedule('schedule: { frequency: PT1H }')).toEqual({
      every: { minutes: 60 },
      timeZone: 'UTC',
      lookbackMinutes: 60,
      learnSilently: false,
      endsAfterDays: 30,
    });
    expect(schedule('schedule: 12h')).toMatchObject({ every: { minutes: 720 }, lookbackMinutes: 720 });
    expect(schedule('schedule: { frequency: 0, lookback: PT1H }')).toMatchObject({
      every: { minutes: 5 },
      lookbackMinutes: 60,
    });
  });

  it('may be a calendar in a time zone, and then looks back over its longest gap', () => {
    expect(schedule('schedule: { cron: "0 0 8 * * 1-5", timeZone: Europe/Berlin }')).toMatchObject({
      every: { cron: '0 0 8 * * 1-5' },
      timeZone: 'Europe/Berlin',
      lookbackMinutes: 3 * 1440,
    });
    expect(schedule('schedule: "*/30 * * * *"')).toMatchObject({
      every: { cron: '*/30 * * * *' },
      lookbackMinutes: 30,
    });
  });

  it.each([
    ['"0 8 * * *", timeZone: Europe/Berlin', 1440],
    ['"0 8 * * 1-5", timeZone: America/New_York', 3 * 1440],
    ['"0 8-17 * * 1-5"', 63 * 60],
    ['"*/5 6 1,15 * *"', 17 * 1440 - 55],
    ['"*/30 0-1 1-20 * *"', 12 * 1440 - 90],
  ])(
    'of the calendar %s is the same whenever it is read: before clocks change, or any day of the week',
    (words, gap) => {
      for (let day = 0; day < 370; day += DAYS_APART) {
        const text = `id: a\nquery: print 1\nschedule: { cron: ${words}, lookback: ${gap}m }`;
        const now = new Date(NOW.getTime() + day * 86_400_000 + day * 3_700_000);
        expect(readQueryFile('a.yaml', bytesOf(text), { now }).problems, now.toISOString()).toEqual([]);
        const none = text.replace(/, lookback: \d+m/, '');
        const [query] = readQueryFile('a.yaml', bytesOf(none), { now }).queries;
        expect(query?.schedule?.lookbackMinutes, now.toISOString()).toBe(gap);
      }
    },
  );

  it('takes both day fields as conditions, as Azure does', () => {
    // A Friday the 13th is rare; every Friday or every 13th would not be.
    expect(schedule('schedule: { cron: "0 0 0 13 * 5" }')?.lookbackMinutes).toBe(30 * 1440);
  });

  it.each([
    ['schedule: { cron: "0 0 0 30 2 *" }', 'never fires'],
    ['schedule: {}', 'never fires'],
    ['schedule: { lookback: P1D }', 'never fires'],
    ['schedule: { cron: "not at all" }', 'five fields, or six with the second first.'],
    ['schedule: { cron: "0 0 8 * * 1-9" }', '"0 0 8 * * 1-5": '],
    ['schedule: { cron: "0 0 25 * * *" }', 'NCRONTAB'],
    ['schedule: { cron: "0 0 0 1 1 * 2020" }', 'NCRONTAB'],
    ['schedule: { cron: "* * * * * *" }', 'more often than every 5 minutes'],
    ['schedule: { cron: "0 0 8 * * *", timeZone: Europe/Berln }', 'IANA'],
    ['schedule: { cron: "0 0 8 * * *", timeZone: "+02:00" }', 'IANA'],
    ['schedule: { cron: "0 0 8 * * *", frequency: PT1H }', 'not both'],
    ['schedule: { frequency: P31D }', '30 days'],
    ['schedule: { frequency: PT1H, lookback: P31D }', '30 days'],
    ['schedule: { frequency: PT1H, lookback: PT30M }', 'shorter than'],
    ['schedule: { frequency: hourly }', 'PT1H'],
    ['schedule: [1]', 'a map'],
    ['schedule: { frequency: PT1H, learnSilently: 1 }', 'true or false'],
    ['schedule: { frequency: PT1H, endsAfterDays: 0 }', 'days'],
    ['queryFrequency: 1x', 'PT1H'],
  ])('%s is an error', (field, text) => {
    const { queries, problems } = read(field);
    expect(queries).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: 'error', line: 3 });
    expect(problems[0]?.message).toContain(text);
  });

  it('with a part that is misspelt is told, and the part kept', () => {
    const { queries, problems } = read('schedule: { frequency: PT1H, lookbak: P1D }');
    expect(queries[0]?.extra).toEqual({ schedule: { lookbak: 'P1D' } });
    expect(problems).toMatchObject([{ severity: 'warning', message: expect.stringContaining('"lookback"') }]);
  });

  it('has a time zone, and a query has none: that is told, with where to put it', () => {
    const { queries, problems } = read('timeZone: Europe/Berlin');
    expect(queries[0]?.extra).toEqual({ timeZone: 'Europe/Berlin' });
    expect(problems).toMatchObject([
      { code: 'LIB203', severity: 'warning', message: expect.stringContaining('Put it under "schedule".') },
    ]);
  });

  it('faster than Defender allows is told, and slowed down', () => {
    const { queries, problems } = read('schedule: { frequency: 1m }');
    expect(queries[0]?.schedule?.every).toEqual({ minutes: 5 });
    expect(problems).toMatchObject([{ severity: 'warning', code: 'LIB205' }]);
  });

  it('cannot give a required parameter its value', () => {
    const { queries, problems } = read(
      'schedule: 1h',
      'parameters: { Who: { type: string, required: true } }',
    );
    expect(queries).toEqual([]);
    expect(problems).toMatchObject([
      { code: 'LIB205', severity: 'error', message: expect.stringContaining('Who') },
    ]);
  });
});
