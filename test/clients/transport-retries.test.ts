import { describe, expect, it, vi } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { START_MS } from '../support/jumping-clock.ts';
import { CALL, OK } from './calls.ts';
import { DATE, failureOf, onWire, TENANT } from './harness.ts';

describe('trying again', () => {
  it.each([408, 429, 500, 502, 503, 504])('comes after status %i, with growing waits', async (status) => {
    const { clock, transport, wire } = onWire([{ status }, { status }, { status }, OK]);
    const onCall = vi.fn();
    await clock.run(transport.send({ ...CALL, onCall }));
    expect(wire.sent).toHaveLength(4);
    expect(onCall).toHaveBeenCalledTimes(4);
    // Half of the wait is fixed, half jitter: 0.5 of it here.
    expect(clock.now() - START_MS).toBe(750 + 1_500 + 3_000);
  });

  it('comes after faults of the network and attempts that take too long', async () => {
    const { clock, transport, wire } = onWire([{ fault: 'ECONNRESET' }, { hangs: true }, OK]);
    await clock.run(transport.send(CALL));
    expect(wire.sent).toHaveLength(3);
    expect(clock.now() - START_MS).toBe(750 + 30_000 + 1_500);
  });

  it.each([400, 403, 404, 405, 409, 501, 505])('does not come after status %i', async (status) => {
    const { clock, transport, wire } = onWire({ status });
    await expect(clock.run(transport.send(CALL))).rejects.toThrow(OutriderError);
    expect(wire.sent).toHaveLength(1);
  });

  it('does not come for a call whose outcome would be doubled, unless the caller says that it may', async () => {
    for (const [idempotent, sent] of [
      [undefined, 1],
      [true, 2],
    ] as const) {
      const { clock, transport, wire } = onWire([{ status: 503 }, OK]);
      const call = { ...CALL, method: 'POST', body: '{}', idempotent } as const;
      await clock.run(transport.send(call)).catch(() => {});
      expect(wire.sent).toHaveLength(sent);
      expect(wire.sent[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
    }
  });

  it.each([
    ['seconds', { 'retry-after': '7' }],
    [
      "a date, by the service's clock",
      { date: 'Sat, 21 Nov 2020 12:00:00 GMT', 'retry-after': 'Sat, 21 Nov 2020 12:00:07 GMT' },
    ],
  ])('waits as Retry-After says in %s', async (_form, headers) => {
    const { clock, transport } = onWire([{ status: 429, headers }, OK]);
    await clock.run(transport.send(CALL));
    expect(clock.now() - START_MS).toBe(7_000);
  });

  it.each([
    ['The quota will be reset in 9 seconds.', 9_000],
    ['Try again at 2026-11-21T12:00:11Z.', 11_000],
    ['Try again at 2026-99-99T99:99:99Z.', 750],
  ])('waits as the text of a 429 says where Retry-After is missing: %s', async (message, waitMs) => {
    const body = { error: { code: 'TooManyRequests', message } };
    const { clock, transport } = onWire([{ status: 429, body, headers: DATE }, OK]);
    await clock.run(transport.send(CALL));
    expect(clock.now() - START_MS).toBe(waitMs);
  });

  it.each([
    ['999999999', 3_600_000],
    ['-5', 750],
    ['soon', 750],
    ['0', 0],
  ])('takes a Retry-After of %s with a grain of salt', async (header, retryAfterMs) => {
    const reply = { status: 503, headers: { 'retry-after': header } };
    const { clock, transport } = onWire(reply, { limits: { retries: 0 } });
    const error = await failureOf(clock.run(transport.send(CALL)), 'upstream.unavailable');
    expect(error.facts.retryAfterMs).toBe(retryAfterMs);
  });

  it('does not sleep what does not fit into the total time', async () => {
    const { clock, transport, wire } = onWire({ status: 429, headers: { 'retry-after': '90' } });
    const error = await failureOf(clock.run(transport.send(CALL)), 'upstream.throttled');
    expect(error.facts).toMatchObject({ retryAfterMs: 90_000, status: 429, tenant: TENANT });
    expect(wire.sent).toHaveLength(1);
    expect(clock.now()).toBe(START_MS);
  });

  it('ends with the total time, the last attempt cut short', async () => {
    const { clock, transport, wire } = onWire({ hangs: true }, { limits: { retries: 100 } });
    await failureOf(clock.run(transport.send(CALL)), 'upstream.timeout');
    expect(clock.now() - START_MS).toBe(60_000);
    expect(wire.sent).toHaveLength(2);
  });

  it('ends with the retries', async () => {
    const { clock, transport, wire } = onWire({ fault: 'ENOTFOUND' });
    const error = await failureOf(clock.run(transport.send(CALL)), 'upstream.unreachable');
    expect(error.message).toContain('ENOTFOUND');
    expect(wire.sent).toHaveLength(5);
  });

  it('pauses the whole tenant after a 429, and no other', async () => {
    const { clock, transport, pace } = onWire({ status: 429, headers: { 'retry-after': '90' } });
    await failureOf(clock.run(transport.send(CALL)), 'upstream.throttled');
    await failureOf(transport.send(CALL), 'pace.exhausted');
    await pace.take({ tenant: 'another', family: 'graph.security' });
  });
});
