import { expect, test } from 'vitest';
import { parseSchedule } from '../../../lab/runner/schedule.ts';
import { parseTimeSpan } from '../../../lab/runner/time-span.ts';

function next(text: string, zone: string | undefined, after: string, count: number): string[] {
  const schedule = parseSchedule(text, zone);
  const times: string[] = [];
  let time = Date.parse(after);
  for (let index = 0; index < count; index += 1) {
    time = schedule.next(time);
    times.push(new Date(time).toISOString().replace(':00.000Z', ''));
  }
  return times;
}

test.each([
  ['00:00:30', 30_000],
  ['01:02:03', 3_723_000],
  ['00:10', 600_000],
  ['1.00:00:00', 86_400_000],
  ['00:00:00.25', 250],
  ['24:00:00', 24 * 86_400_000],
])('the time span %s is %d ms', (text, milliseconds) => {
  expect(parseTimeSpan(text)).toBe(milliseconds);
});

test.each(['30', '00:60:00', '00:00:60', 'soon', '-00:00:01', '2.24:00:00'])(
  '%s is not a time span',
  (text) => {
    expect(() => parseTimeSpan(text)).toThrow('is not a time span');
  },
);

test('an interval counts from the last run, whatever the clock shows', () => {
  expect(next('00:07:00', undefined, '2026-11-21T13:03:00Z', 2)).toEqual([
    '2026-11-21T13:10',
    '2026-11-21T13:17',
  ]);
  expect(parseSchedule('00:07:00', undefined)).toMatchObject({ adjustForDst: false, monitored: true });
  expect(parseSchedule('00:00:30', undefined).monitored).toBe(false);
});

test('a cron schedule is monitored when it fires no more than once a minute', () => {
  expect(parseSchedule('0 * * * * *', undefined)).toMatchObject({ adjustForDst: true, monitored: true });
  expect(parseSchedule('0,30 * * * * *', undefined).monitored).toBe(false);
});

test('a cron schedule follows the wall clock of WEBSITE_TIME_ZONE over a change of clocks', () => {
  const zone = 'Europe/Berlin';
  expect(next('0 0 9 * * *', zone, '2026-03-28T00:00:00Z', 3)).toEqual([
    '2026-03-28T08:00',
    '2026-03-29T07:00',
    '2026-03-30T07:00',
  ]);
  expect(next('0 0 9 * * *', zone, '2026-10-24T00:00:00Z', 2)).toEqual([
    '2026-10-24T07:00',
    '2026-10-25T08:00',
  ]);
});

test('a time that clocks jump over runs after the jump', () => {
  expect(next('0 30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
    '2026-03-29T01:30',
    '2026-03-30T00:30',
  ]);
});

test('when clocks go back, the repeated hour has its occurrences too', () => {
  expect(next('0 */30 * * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z', 5)).toEqual([
    '2026-10-25T00:30',
    '2026-10-25T01:00',
    '2026-10-25T01:30',
    '2026-10-25T02:00',
    '2026-10-25T02:30',
  ]);
});

test('a schedule that never fires, or is nothing, is refused', () => {
  expect(() => parseSchedule('0 0 0 30 2 *', undefined)).toThrow('never fires');
  expect(() => parseSchedule('00:00:00', undefined)).toThrow('not longer than zero');
  expect(() => parseSchedule('', undefined)).toThrow('not an NCRONTAB expression');
});
