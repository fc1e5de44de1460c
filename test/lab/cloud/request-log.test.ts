import { expect, test } from 'vitest';
import { createRequestLog, type LoggedRequest, loggedPath } from '../../../lab/net/request-log.ts';

function entry(service: string, tenant?: string): LoggedRequest {
  return { time: '2026-01-01T00:00:00.000Z', service, tenant, method: 'GET', path: '/', status: 200, ms: 1 };
}

test('keeps the last entries and counts all', () => {
  const log = createRequestLog(2);
  for (const tenant of ['a', 'b', 'a']) log.add(entry('graph', tenant));
  expect(log.entries().map(({ tenant }) => tenant)).toEqual(['b', 'a']);
  log.add(entry('xdr', 'a'));
  log.add(entry('graph'));
  expect(log.callsTo(['graph'])).toBe(4);
  expect(log.callsTo(['graph', 'xdr'], 'a')).toBe(3);
  expect(log.counts()).toContainEqual({ service: 'graph', tenant: undefined, calls: 1 });
});

test('a logged path shows no value that could be secret', () => {
  expect(loggedPath('/t/oauth2/authorize?code=abc&state=x')).toBe('/t/oauth2/authorize?code=…&state=…');
  expect(loggedPath('/c/b?sig=abc%3D&comp=block&sv=1')).toBe('/c/b?sig=…&comp=block&sv=…');
  expect(loggedPath('/v1.0/security/incidents?$top=50&%24skip=50')).toBe(
    '/v1.0/security/incidents?$top=50&%24skip=50',
  );
  expect(loggedPath('/a?b=1?sig=secret')).not.toContain('secret');
});
