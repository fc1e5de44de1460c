import { expect, it } from 'vitest';
import { type ErrorCode, OutriderError } from '../../shared/errors.ts';
import { problemOf } from '../../shared/http/problem.ts';

const answerTo = (code: ErrorCode, retryAfterMs?: number) => {
  const facts = retryAfterMs === undefined ? {} : { retryAfterMs };
  const { status, headers } = problemOf(new OutriderError(code, 'Said.', facts), 'correlation-1');
  return [status, headers['retry-after']];
};

it('too much for now is 503, with the service’s own word on when to come again', () => {
  expect(answerTo('upstream.throttled', 7_200)).toEqual([503, '8']);
  expect(answerTo('auth.throttled', 30_000)).toEqual([503, '30']);
  expect(answerTo('upstream.throttled')).toEqual([503, '5']);
});

it('a service that refuses or fails is 502, and a fault of our own 500, without such a word', () => {
  expect(answerTo('upstream.unavailable', 7_200)).toEqual([502, undefined]);
  expect(answerTo('storage.unreadable')).toEqual([500, undefined]);
});
