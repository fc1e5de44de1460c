import { expect, test } from 'vitest';
import { readAnswer } from '../../shared/auth/exchange.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const read = (body: unknown, headers: Record<string, string> = {}) =>
  readAnswer(400, new Headers(headers), body, NOW);

test.each([
  ['120', 120_000],
  ['Sat, 21 Nov 2026 12:01:30 GMT', 90_000],
  ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
  ['soon', undefined],
])('Retry-After: %s', (value, expected) => {
  expect(read({}, { 'retry-after': value }).retryAfterMs).toBe(expected);
});

test('takes codes and ids, and no sentences', () => {
  const answer = read({
    error: 'invalid_client',
    suberror: 'a sentence, with anything in it',
    error_codes: [7000215, 1],
    error_description: 'AADSTS7000215: the secret is hunter2',
    trace_id: 'ab-cd',
    expires_in: '3599',
  });
  expect(answer).toEqual({
    status: 400,
    error: 'invalid_client',
    number: 7000215,
    trackingId: 'ab-cd',
    lifetimeMs: 3_599_000,
  });
});

test.each([[[]], [null], ['text'], [{ error_codes: 'x', expires_in: -1 }], [{ error_codes: [{}] }]])(
  'a body that is not what it should be: %j',
  (body) => {
    expect(read(body)).toEqual({ status: 400 });
  },
);
