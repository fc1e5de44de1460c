import { expect } from 'vitest';
import type { Answer } from './outrider-app.ts';

/** Every refusal has this form, and nothing of our inside; returns the body. */
export function expectProblem(answer: Answer, status: number, code: string): Record<string, unknown> {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const body = answer.json();
  expect(body).toMatchObject({ type: `urn:outrider:error:${code}`, status, code });
  expect(body.title).toMatch(/\w+/);
  expect(body.detail).toMatch(/\w+ \w+/);
  expect(body.correlationId).toMatch(/^[A-Za-z0-9-]{8,64}$/);
  expect(answer.headers.get('x-correlation-id')).toBe(body.correlationId);
  expect(answer.text).not.toMatch(/\bat \S+ \(|node_modules|\.[jt]s:\d|"stack"/);
  return body;
}

/** 401, with the header that RFC 9110 asks for. */
export function expectUnauthenticated(answer: Answer): Record<string, unknown> {
  const body = expectProblem(answer, 401, 'request.unauthenticated');
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  return body;
}
