import { describe, expect, test } from 'vitest';
import { nextOccurrence, parseNcrontab } from '../../../lab/runner/ncrontab.ts';

/** The next occurrences after a time, as text. */
function next(expression: string, after: string, count = 3): string[] {
  const cron = parseNcrontab(expression);
  const times: string[] = [];
  let wall = Date.parse(after);
  while (times.length < count) {
    const time = nextOccurrence(cron, wall);
    if (time === undefined) return times;
    times.push(new Date(time).toISOString().replace('.000Z', ''));
    wall = time;
  }
  return times;
}

const SATURDAY = '2026-11-21T13:59:45Z';

test.each([
  ['*/15 * * * * *', ['2026-11-21T14:00:00', '2026-11-21T14:00:15', '2026-11-21T14:00:30']],
  ['0 */5 * * * *', ['2026-11-21T14:00:00', '2026-11-21T14:05:00', '2026-11-21T14:10:00']],
  ['*/5 * * * *', ['2026-11-21T14:00:00', '2026-11-21T14:05:00', '2026-11-21T14:10:00']],
  ['0 0 9-17/4 * * *', ['2026-11-21T17:00:00', '2026-11-22T09:00:00', '2026-11-22T13:00:00']],
  ['0 30 9 * * 1-5', ['2026-11-23T09:30:00', '2026-11-24T09:30:00', '2026-11-25T09:30:00']],
  ['0 30 9 * Jan Mon', ['2027-01-04T09:30:00', '2027-01-11T09:30:00', '2027-01-18T09:30:00']],
  ['0 0 0 * * 0', ['2026-11-22T00:00:00', '2026-11-29T00:00:00', '2026-12-06T00:00:00']],
  ['0 0 0 * feb,DECEMBER sunday', ['2026-12-06T00:00:00', '2026-12-13T00:00:00', '2026-12-20T00:00:00']],
  ['0 0 0 29 2 *', ['2028-02-29T00:00:00', '2032-02-29T00:00:00', '2036-02-29T00:00:00']],
  ['0 0 0 31 * *', ['2026-12-31T00:00:00', '2027-01-31T00:00:00', '2027-03-31T00:00:00']],
  ['5,8,10 0 0 1 1 *', ['2027-01-01T00:00:05', '2027-01-01T00:00:08', '2027-01-01T00:00:10']],
  ['0 50/5 * * * *', ['2026-11-21T14:50:00', '2026-11-21T14:55:00', '2026-11-21T15:50:00']],
  ['0 0 17-15 * * *', ['2026-11-21T15:00:00', '2026-11-21T16:00:00', '2026-11-21T17:00:00']],
])('%s fires at the times NCrontab has it fire', (expression, expected) => {
  expect(next(expression, SATURDAY)).toEqual(expected);
});

test('day of month and day of week must both fit, unlike in crontab', () => {
  expect(next('0 0 0 13 * Fri', SATURDAY)).toEqual([
    '2027-08-13T00:00:00',
    '2028-10-13T00:00:00',
    '2029-04-13T00:00:00',
  ]);
});

test('an occurrence is strictly after the time asked about, which may be within a second', () => {
  expect(next('0 0 14 * * *', '2026-11-21T14:00:00Z', 1)).toEqual(['2026-11-22T14:00:00']);
  expect(next('0 0 14 * * *', '2026-11-21T13:59:59.999Z', 1)).toEqual(['2026-11-21T14:00:00']);
});

test('a date that does not exist never comes', () => {
  expect(next('0 0 0 30 2 *', SATURDAY)).toEqual([]);
});

describe('is refused:', () => {
  test.each([
    ['0 0 0 * *x *', '"*x" is not a month'],
    ['60 * * * * *', '"60" is not a second (0 to 59)'],
    ['0 0 24 * * *', '"24" is not a hour'],
    ['0 0 0 0 * *', '"0" is not a day'],
    ['0 0 0 * * 7', '"7" is not a day of week (0 to 6)'],
    ['0 0 0 ? * *', '"?" is not a day'],
    ['0 0 0 L * *', '"L" is not a day'],
    ['0 */0 * * * *', '"*/0" is not a minute'],
    ['0 1-2-3 * * * *', '"1-2-3" is not a minute'],
    ['0 1, * * * *', 'is not a minute'],
    ['* * * *', 'it has 4 fields'],
    ['* * * * * * *', 'it has 7 fields'],
    ['', 'is not an NCRONTAB expression'],
  ])('%s', (expression, reason) => {
    expect(() => parseNcrontab(expression)).toThrow(reason);
  });
});
