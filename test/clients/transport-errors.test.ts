import { describe, expect, it } from 'vitest';
import { CALL } from './calls.ts';
import { DATE, failureOf, onWire, TENANT } from './harness.ts';

describe('errors', () => {
  it.each([
    [400, 'upstream.bad_request'],
    [403, 'upstream.forbidden'],
    [404, 'upstream.not_found'],
    [405, 'upstream.bad_request'],
    [410, 'upstream.bad_request'],
    [429, 'upstream.throttled'],
    [500, 'upstream.unavailable'],
    [504, 'upstream.unavailable'],
  ] as const)('of status %i have code %s, with what the service said', async (status, code) => {
    const body = {
      error: { code: 'SomeCode', message: 'bad ann@contoso.com', innerError: { 'request-id': 'id-1' } },
    };
    const { clock, transport } = onWire({ status, body, headers: DATE }, { limits: { retries: 0 } });
    const { facts, message } = await failureOf(clock.run(transport.send(CALL)), code);
    expect(facts).toMatchObject({ status, serviceCode: 'SomeCode', trackingId: 'id-1', tenant: TENANT });
    expect(message).toContain(TENANT);
    expect(message).toContain(`${status}, SomeCode`);
    expect(message).not.toMatch(/ann|contoso|token of|filter/);
  });

  it('never show what only looks like a code', async () => {
    const { clock, transport } = onWire({
      status: 400,
      body: { error: { code: 'ann@contoso.com is unknown' } },
    });
    const { facts, message } = await failureOf(clock.run(transport.send(CALL)), 'upstream.bad_request');
    expect(facts.serviceCode).toBeUndefined();
    expect(message).not.toContain('ann');
  });

  it('of 403 name the permission that is missing, or the policy', async () => {
    const plain = onWire({ status: 403, body: { error: { code: 'Forbidden' } } });
    const forbidden = await failureOf(plain.clock.run(plain.transport.send(CALL)), 'upstream.forbidden');
    expect(forbidden.message).toContain('SecurityIncident.Read.All');
    const policy = onWire({ status: 403, body: { error: { code: 'insufficient_claims' } } });
    const kept = await failureOf(policy.clock.run(policy.transport.send(CALL)), 'upstream.forbidden');
    expect(kept.message).toContain('Conditional Access');
  });

  it.each([
    [
      'innererror, nested',
      { error: { code: 'X', innererror: { innerError: { 'Request-Id': 'deep' } } } },
      {},
      'deep',
    ],
    ['requestId', { error: { innerError: { requestId: 'camel' } } }, {}, 'camel'],
    ['the target', { error: { code: 'X', target: '|a1.b2' } }, {}, '|a1.b2'],
    ['the header', 'no JSON', { 'request-id': 'from-header' }, 'from-header'],
    ['nothing that is no id', { error: { target: 'ann@contoso.com said {' } }, {}, undefined],
  ])('find the tracking id in %s', async (_where, body, headers, expected) => {
    const { clock, transport } = onWire({ status: 400, body, headers });
    const { facts } = await failureOf(clock.run(transport.send(CALL)), 'upstream.bad_request');
    expect(facts.trackingId).toBe(expected);
  });

  it.each([
    ['CPU quota', 'The query exceeded the CPU quota of the tenant.', ['CPU quota']],
    ['call quota', 'Too many requests in the last minute.', ['call quota']],
    ['request quota', 'Slow down.', undefined],
  ])('of 429 tell the %s from others', async (quota, message, details) => {
    const reply = { status: 429, body: { error: { code: 'TooManyRequests', message } } };
    const { clock, transport } = onWire(reply, { limits: { retries: 0 } });
    const error = await failureOf(clock.run(transport.send(CALL)), 'upstream.throttled');
    expect(error.facts.details).toEqual(details);
    expect(error.message).toContain(quota);
  });

  it.each([400, 410])('of status %i on a link mean that the link died', async (status) => {
    const { clock, transport } = onWire({ status });
    await failureOf(clock.run(transport.send({ ...CALL, followsLink: true })), 'upstream.link_expired');
  });

  it('are answers where the call expects their status', async () => {
    const { clock, transport } = onWire({ status: 404, headers: DATE });
    const answer = await clock.run(transport.send({ ...CALL, expected: [404] }));
    expect(answer).toMatchObject({ status: 404, serviceTime: '2026-11-21T12:00:00.0000000Z' });
  });
});
