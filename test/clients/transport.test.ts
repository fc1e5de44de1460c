import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { Call } from '../../shared/clients/call.ts';
import { OutriderError } from '../../shared/errors.ts';
import type { TokenRequest } from '../../shared/tenant.ts';
import { DATE, failureOf, onWire, TENANT } from './harness.ts';
import { START_MS } from './virtual-clock.ts';

const CALL: Call = {
  tenant: TENANT,
  resource: 'graph',
  origin: 'https://graph.microsoft.com',
  family: 'graph.security',
  method: 'GET',
  url: 'https://graph.microsoft.com/v1.0/security/incidents?$filter=assignedTo%20eq%20%27ann%40contoso.com%27',
  permission: 'SecurityIncident.Read.All',
  purpose: 'read incidents',
};
const OK = { body: '{}', headers: DATE };

describe('a call', () => {
  it('carries token, user agent, a fresh id and gzip, and gives the answer with the time of the service', async () => {
    const { clock, transport, wire } = onWire({ body: '{"a":"ä"}', headers: { ...DATE, 'X-Some': 'thing' } });
    const answer = await clock.run(transport.send(CALL));
    await clock.run(transport.send(CALL));
    expect(answer).toEqual({
      status: 200,
      headers: { date: DATE.date, 'x-some': 'thing' },
      text: '{"a":"ä"}',
      bytes: 10,
      serviceTime: '2026-11-21T12:00:00.0000000Z',
    });
    const ids = wire.sent.map(({ headers }) => headers['client-request-id']);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(2);
    expect(wire.sent[0]?.headers).toMatchObject({
      authorization: `Bearer token of ${TENANT} for graph`,
      'accept-encoding': expect.stringContaining('gzip'),
      'user-agent': expect.stringMatching(/^outrider\/1\.2\.3 /),
    });
  });

  it.each(['yesterday', '12345', ''])(
    'takes our own time where the service gives none but %j',
    async (date) => {
      const { clock, transport } = onWire({ body: '{}', headers: { date } });
      clock.advance(1_500);
      const { serviceTime } = await clock.run(transport.send(CALL));
      expect(serviceTime).toBe('2026-11-21T12:00:01.5000000Z');
    },
  );

  it('drops a byte order mark and refuses what is not UTF-8', async () => {
    const marked = onWire({ body: '\ufeff{}' });
    expect((await marked.clock.run(marked.transport.send(CALL))).text).toBe('{}');
    const broken = onWire({ body: Buffer.from([0x22, 0xc3, 0x22]) });
    await failureOf(broken.clock.run(broken.transport.send(CALL)), 'upstream.unusable_answer');
  });

  it('goes nowhere but to its origin', async () => {
    const { transport, wire } = onWire(OK);
    for (const url of [
      'https://graph.microsoft.com.evil.example/',
      'http://graph.microsoft.com/',
      'x',
      'https://a@graph.microsoft.com/',
    ]) {
      await failureOf(transport.send({ ...CALL, url }), 'upstream.link_refused');
    }
    expect(wire.sent).toEqual([]);
  });

  it('does not follow redirects', async () => {
    const { clock, transport, wire } = onWire({
      status: 302,
      headers: { location: 'https://evil.example/' },
    });
    const error = await failureOf(clock.run(transport.send(CALL)), 'upstream.unusable_answer');
    expect(error.message).toContain('302');
    expect(wire.sent).toHaveLength(1);
  });
});

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

describe('the token', () => {
  function signIn() {
    const asked: TokenRequest[] = [];
    const getToken = async (request: TokenRequest): Promise<string> => {
      asked.push(request);
      return `token-${asked.length}`;
    };
    return { asked, getToken };
  }

  it('is asked for anew, once, when the service refuses it', async () => {
    const { asked, getToken } = signIn();
    const { clock, transport, wire } = onWire([{ status: 401 }, OK], { getToken });
    await clock.run(transport.send(CALL));
    expect(wire.sent.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
    expect(asked.map(({ tenant, resource, refused }) => ({ tenant, resource, refused }))).toEqual([
      { tenant: TENANT, resource: 'graph', refused: undefined },
      { tenant: TENANT, resource: 'graph', refused: 'token-1' },
    ]);
  });

  it('that is refused twice is an error, whatever comes between', async () => {
    const { asked, getToken } = signIn();
    const { clock, transport } = onWire([{ status: 401 }, { status: 503 }, { status: 401 }], { getToken });
    await failureOf(clock.run(transport.send(CALL)), 'upstream.unauthorized');
    expect(asked).toHaveLength(2);
  });

  it('that cannot be had is the error of the sign-in, and nothing is sent', async () => {
    const { transport, wire } = onWire(OK, {
      getToken: async () => {
        throw new OutriderError('auth.consent_missing', 'no consent');
      },
    });
    await failureOf(transport.send(CALL), 'auth.consent_missing');
    expect(wire.sent).toEqual([]);
  });
});

describe('stopping', () => {
  it.each(['while it waits for the answer', 'while it sleeps', 'before it starts'])(
    'a call %s',
    async (when) => {
      const stop = new AbortController();
      const { clock, transport } = onWire(when.includes('answer') ? { hangs: true } : { status: 503 });
      if (when.includes('before')) stop.abort(new Error('enough'));
      const work = transport.send({ ...CALL, signal: stop.signal });
      work.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 10));
      stop.abort(new Error('enough'));
      const error = await failureOf(work, 'aborted');
      expect(error.cause).toEqual(new Error('enough'));
      expect(clock.now()).toBe(START_MS);
    },
  );

  it('with an error of ours gives that error', async () => {
    const reason = new OutriderError('sync.fenced', 'another run');
    const { transport } = onWire(OK);
    await expect(transport.send({ ...CALL, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('the size limit', () => {
  it('ends the reading as soon as it is passed', async () => {
    let read = 0;
    const endless = new Readable({
      read() {
        read += 1;
        this.push(Buffer.alloc(1_000, 0x20));
      },
    });
    const { clock, transport, wire } = onWire({ body: endless }, { limits: { maxBytes: 50_000 } });
    const error = await failureOf(clock.run(transport.send(CALL)), 'upstream.too_large');
    expect(error.message).toContain('50000');
    expect(read).toBeLessThan(200);
    expect(endless.destroyed).toBe(true);
    expect(wire.sent).toHaveLength(1);
  });

  it('lets a body of just that size through', async () => {
    const { clock, transport } = onWire({ body: ' '.repeat(50_000) }, { limits: { maxBytes: 50_000 } });
    expect((await clock.run(transport.send(CALL))).bytes).toBe(50_000);
  });

  it('does not hide an error behind its own long body', async () => {
    const { clock, transport } = onWire(
      { status: 404, body: 'x'.repeat(100_000) },
      { limits: { maxBytes: 10 } },
    );
    await failureOf(clock.run(transport.send(CALL)), 'upstream.not_found');
  });
});

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

describe('many tenants at once', () => {
  it('never see each other: token, URL and answer belong together, through retries and new tokens', async () => {
    const tenants = Array.from({ length: 60 }, (_, index) => `tenant-${index}`);
    const seen = new Map<string, number>();
    const { clock, transport } = onWire(
      async ({ url, headers }) => {
        const tenant = new URL(url).searchParams.get('t') ?? '';
        expect(headers.get('authorization')).toMatch(new RegExp(`^Bearer ${tenant}/\\d$`));
        expect(headers.get('x-tenant')).toBe(tenant);
        const count = (seen.get(url) ?? 0) + 1;
        seen.set(url, count);
        await clock.sleep(url.length % 7);
        if (count === 1) return { status: 429, headers: { 'retry-after': '1' } };
        if (count === 2) return { status: 401 };
        return { body: tenant };
      },
      {
        getToken: async ({ tenant, refused }) => {
          await clock.sleep(tenant.length % 3);
          return `${tenant}/${refused === undefined ? 1 : 2}`;
        },
      },
    );
    const calls = tenants.flatMap((tenant) =>
      [1, 2, 3].map(async (part) => {
        const url = `https://graph.microsoft.com/?t=${tenant}&part=${part}`;
        const answer = await transport.send({ ...CALL, tenant, url, headers: { 'x-tenant': tenant } });
        expect(answer.text).toBe(tenant);
      }),
    );
    await clock.run(Promise.all(calls));
    expect([...seen.values()]).toEqual(Array(180).fill(3));
  });
});
