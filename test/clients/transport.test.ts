import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import type { TokenRequest } from '../../shared/tenant.ts';
import { START_MS } from '../support/jumping-clock.ts';
import { CALL, OK } from './calls.ts';
import { DATE, failureOf, onWire, TENANT } from './harness.ts';

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
