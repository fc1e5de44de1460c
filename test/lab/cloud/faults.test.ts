import { expect, test } from 'vitest';
import { faultAnswer } from '../../../lab/net/fault-answer.ts';
import { createFaults, type FaultTarget } from '../../../lab/net/faults.ts';

const TARGET: FaultTarget = {
  service: 'graph',
  tenant: 'AAAA',
  method: 'GET',
  target: '/v1.0/security/incidents?$top=50',
};

function faultsWith(...draws: number[]) {
  return createFaults({ random: () => draws.shift() ?? 1 });
}

test('every condition of a rule must hold', () => {
  const cases: [object, boolean][] = [
    [{ service: 'graph', tenant: 'aaaa', method: 'get', path: '/incidents', pattern: '\\$top=\\d+' }, true],
    [{ service: 'xdr' }, false],
    [{ tenant: 'bbbb' }, false],
    [{ method: 'POST' }, false],
    [{ path: '/alerts' }, false],
    [{ pattern: '^/incidents' }, false],
    [{ service: 'graph', method: 'POST' }, false],
    [{}, true],
  ];
  for (const [conditions, hit] of cases) {
    const faults = faultsWith();
    faults.add({ ...conditions, status: 503 });
    expect(faults.strike(TARGET) !== undefined, JSON.stringify(conditions)).toBe(hit);
  }
});

test('a rule for a tenant leaves requests alone whose tenant is unknown', () => {
  const faults = faultsWith();
  faults.add({ tenant: 'aaaa', status: 503 });
  expect(faults.strike({ ...TARGET, tenant: undefined })).toBeUndefined();
});

test('after lets the first ones pass, times ends the rule', () => {
  const faults = faultsWith();
  faults.add({ status: 429, after: 2, times: 2 });
  const strikes = Array.from({ length: 6 }, () => faults.strike(TARGET) !== undefined);
  expect(strikes).toEqual([false, false, true, true, false, false]);
  expect(faults.list()).toMatchObject([{ matched: 4, struck: 2 }]);
});

test('probability is decided by the given randomness, and a miss does not use up times', () => {
  const faults = faultsWith(0.9, 0.1, 0.5, 0.2);
  faults.add({ status: 500, probability: 0.5, times: 2 });
  const strikes = Array.from({ length: 5 }, () => faults.strike(TARGET) !== undefined);
  expect(strikes).toEqual([false, true, false, true, false]);
});

test('the first rule that strikes decides; a spent or passing one leaves it to the next', () => {
  const faults = faultsWith();
  faults.add({ status: 500, times: 1 });
  faults.add({ status: 503 });
  expect(faults.strike(TARGET)?.status).toBe(500);
  expect(faults.strike(TARGET)?.status).toBe(503);
});

test('rules are listed, removed one by one and cleared', () => {
  const faults = faultsWith();
  const { id } = faults.add({ status: 500 });
  faults.add({ delayMs: 5 });
  expect(faults.remove(id)).toBe(true);
  expect(faults.remove(id)).toBe(false);
  expect(faults.list()).toEqual([{ id: '2', delayMs: 5, matched: 0, struck: 0 }]);
  faults.clear();
  expect(faults.list()).toEqual([]);
});

test.each([
  [{ status: 99, times: 0 }, /^A fault rule is wrong\. status: [^\n]*; times: [^\n]*\.$/],
  [{ status: 99 }, 'status'],
  [{ status: 503, pattern: '(' }, 'pattern'],
  [{ status: 503, service: '' }, 'service'],
  [{ status: 503, probabilty: 1 }, 'probabilty'],
  [{ cut: 'never' }, 'cut'],
  [{ service: 'graph' }, 'does nothing'],
  [{ delayMs: 1, retryAfter: 3 }, 'no status'],
  ['503', 'object'],
])('a wrong rule is refused by naming the fault: %j', (rule, named) => {
  expect(() => faultsWith().add(rule)).toThrow(named);
});

test('a service that the lab does not have is named', () => {
  const faults = createFaults({ random: () => 0, services: ['entra', 'graph'] });
  expect(() => faults.add({ service: 'grpah', status: 503 })).toThrow(
    'The lab has no service grpah; there are entra, graph.',
  );
  faults.add({ service: 'graph', status: 503 });
});

test('an answer without a body of its own has the form that the service’s clients parse', () => {
  expect(faultAnswer('blob', { status: 503, retryAfter: 7 })).toMatchObject({
    status: 503,
    headers: { 'retry-after': '7', 'x-ms-error-code': 'ServerBusy' },
    body: expect.stringContaining('<Code>ServerBusy</Code>'),
  });
  expect(JSON.parse(String(faultAnswer('table', { status: 500 }).body))).toMatchObject({
    'odata.error': { code: 'InternalError' },
  });
  expect(faultAnswer('graph', { status: 429 }).body).toMatchObject({ error: { code: 'TooManyRequests' } });
  expect(faultAnswer('entra', { status: 503 }).body).toMatchObject({ error: 'temporarily_unavailable' });
  expect(faultAnswer('graph', { status: 502, body: '<html>' }).body).toBe('<html>');
});
