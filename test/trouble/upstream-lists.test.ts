import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.ts';
import { paddedFromMs } from '../../shared/time.ts';
import type { Reply } from '../clients/fake-wire.ts';
import { createWireRig, type ListRequest, type Lists, readsFrom } from './wire-rig.ts';

const HOUR = 3_600_000;
const ORIGIN = 'https://graph.microsoft.com/v1.0/security';
/** More than this would be a hang, were the wire a real one. */
const MOST_CALLS = 400;

type Rig = ReturnType<typeof createWireRig>;
type Kind = 'incidents' | 'alerts';
/** How the list goes on after a page with something in it. */
type Trouble = (request: ListRequest, first: string) => Reply;

const page = (items: string, nextLink?: string): Reply => ({
  body: `{"value":[${items}]${nextLink === undefined ? '' : `,"@odata.nextLink":${JSON.stringify(nextLink)}`}}`,
});
/** Links that are new each time. */
const onward = ({ url, collection }: ListRequest): string => {
  const skip = Number(new URL(url).searchParams.get('$skip') ?? 0) + 50;
  return `${ORIGIN}/${collection}?$skip=${skip}`;
};
const isFirst = ({ url }: ListRequest): boolean => !url.includes('$skip=');

const NO_PAGES: readonly (readonly [string, Trouble, ErrorCode])[] = [
  ['is no JSON', () => ({ body: '<html>Sorry</html>' }), 'upstream.unusable_answer'],
  ['is cut short', (_request, first) => ({ body: `{"value":[${first}` }), 'upstream.unusable_answer'],
  ['is an error in disguise', () => ({ body: { error: { code: 'x' } } }), 'upstream.unusable_answer'],
  ['is not UTF-8', () => ({ body: Buffer.from([0xed, 0xa0, 0x80]) }), 'upstream.unusable_answer'],
  [
    'is a redirect',
    () => ({ status: 302, headers: { location: 'https://evil.example/' } }),
    'upstream.unusable_answer',
  ],
];
const BAD_LINKS: readonly (readonly [string, Trouble, ErrorCode])[] = [
  [
    'links to another host',
    (_request, first) => page(first, 'https://evil.example/next'),
    'upstream.link_refused',
  ],
  ['links to itself', ({ url }, first) => page(first, url), 'upstream.unusable_answer'],
  [
    'links in a circle of three',
    (request, first) =>
      page(
        first,
        `${ORIGIN}/${request.collection}?$skip=${(Number(onward(request).split('=')[1]) % 150) + 1}`,
      ),
    'upstream.unusable_answer',
  ],
  [
    'never ends, with the same in each page',
    (request, first) => page(first, onward(request)),
    'upstream.unusable_answer',
  ],
  [
    'never ends, with nothing in its pages',
    (request) => page('', onward(request)),
    'upstream.unusable_answer',
  ],
];

/** One incident with one alert, both changed a moment ago; the list asked for has them, the other has nothing. */
function changed(rig: Rig, kind: Kind): string {
  const time = paddedFromMs(rig.clock.now() - 1_000);
  const alert = `{"id":"al-1","incidentId":"7","lastUpdateDateTime":"${time}"}`;
  if (kind === 'alerts') return alert;
  return `{"id":"7","createdDateTime":"${time}","lastUpdateDateTime":"${time}","status":"active","alerts":[${alert}]}`;
}

const lists =
  (kind: Kind, reply: (request: ListRequest) => Reply | undefined): Lists =>
  (request) => {
    const isIncident = /\/incidents\/7\b/.test(request.url);
    const wanted = kind === 'alerts' ? 'alerts_v2' : 'incidents';
    if (kind === 'alerts' && isIncident) {
      const time = '2026-01-01T00:00:00Z';
      return {
        body: `{"id":"7","createdDateTime":"${time}","lastUpdateDateTime":"${time}","alerts":[{"id":"al-1"}]}`,
      };
    }
    return request.collection === wanted ? reply(request) : undefined;
  };

describe.each(['incidents', 'alerts'] as const)('a page of the list of %s that', (kind) => {
  it.each([...NO_PAGES, ...BAD_LINKS])(
    '%s is the tenant’s trouble, and nothing is passed over',
    async (_what, trouble, code) => {
      const rig = createWireRig(() => undefined);
      await rig.settle();
      const first = changed(rig, kind);
      const before = await rig.state();
      const calls = rig.asked().length;
      rig.answerBy(lists(kind, (request) => trouble(request, first)));
      for (let runs = 0; runs < 5 && !(await rig.state()).failure; runs++) {
        await rig.run();
        rig.clock.advance(61_000);
      }
      const after = await rig.state();
      expect(after.failure).toMatchObject({ code, text: expect.stringContaining(rig.tenant) });
      expect(after.nextAttemptMs).toBeGreaterThan(rig.clock.now() - 61_000);
      expect(rig.asked().length - calls).toBeLessThan(MOST_CALLS);
      expect(rig.asked().every((url) => url.startsWith(`${ORIGIN}/`))).toBe(true);
      expect(readsFrom(after, kind) <= readsFrom(before, kind)).toBe(true);

      rig.answerBy(lists(kind, (request) => (isWanted(request, first) ? page(first) : undefined)));
      rig.clock.advance(HOUR);
      await rig.settle();
      expect((await rig.state()).failure).toBeUndefined();
      expect(await rig.text('7')).toContain('"id":"7"');
      expect(rig.feed()).toHaveLength(1);
    },
  );

  it('is empty and links on is followed to what comes after it', async () => {
    const rig = createWireRig(() => undefined);
    await rig.settle();
    const first = changed(rig, kind);
    rig.answerBy(
      lists(kind, (request) => {
        const skip = Number(new URL(request.url).searchParams.get('$skip') ?? 0);
        if (isFirst(request) && !isWanted(request, first)) return undefined;
        return skip < 150 ? page('', onward(request)) : page(first);
      }),
    );
    expect(await rig.run()).toBe('done');
    expect((await rig.state()).failure).toBeUndefined();
    expect(await rig.text('7')).toContain('"id":"7"');
    expect(rig.feed()).toHaveLength(1);
  });
});

describe('a first load whose page', () => {
  it.each(NO_PAGES)('%s stays where it is', async (_what, trouble, code) => {
    const rig = createWireRig(() => undefined);
    const time = paddedFromMs(rig.clock.now() - 72 * HOUR);
    const old = `{"id":"7","createdDateTime":"${time}","lastUpdateDateTime":"${time}","alerts":[]}`;
    const isLoad = ({ to }: ListRequest): boolean => to !== undefined;
    rig.answerBy(lists('incidents', (request) => (isLoad(request) ? trouble(request, old) : undefined)));
    expect(await rig.run()).toBe('failed');
    const { failure, stretches, firstLoad } = await rig.state();
    expect(failure?.code).toBe(code);
    expect(stretches).toMatchObject([{ to: firstLoad?.to }]);
    rig.answerBy(
      lists('incidents', (request) => (isLoad(request) && isWanted(request, old) ? page(old) : undefined)),
    );
    rig.clock.advance(HOUR);
    await rig.settle();
    expect(await rig.text('7')).toBe(old);
    expect(rig.feed()).toEqual([]);
  });
});

describe('many alerts that changed in one tick', () => {
  const COUNT = 230;
  const skipOf = (url: string): number => Number(new URL(url).searchParams.get('$skip') ?? 0);

  /** Graph with as many incidents of one alert each, which do not move when their alerts change. */
  function changedAtOnce(rig: Rig, openWindow: (request: ListRequest) => Reply | undefined): Lists {
    const time = paddedFromMs(rig.clock.now() - 1_000);
    const alerts = Array.from(
      { length: COUNT },
      (_, n) => `{"id":"al-${n}","incidentId":"${n}","lastUpdateDateTime":"${time}"}`,
    );
    return (request) => {
      const id = /\/incidents\/(\d+)/.exec(request.url)?.[1];
      if (id !== undefined)
        return {
          body: `{"id":"${id}","createdDateTime":"${time}","lastUpdateDateTime":"${time}","alerts":[{"id":"al-${id}"}]}`,
        };
      if (request.collection !== 'alerts_v2') return undefined;
      const skip = skipOf(request.url);
      if (skip === 0 && !isWanted(request, alerts[0] ?? '')) return undefined;
      const rest = skip + 50 < alerts.length ? onward(request) : undefined;
      return (
        (request.to === undefined && openWindow(request)) || page(alerts.slice(skip, skip + 50).join(), rest)
      );
    };
  }

  /** Each run may make no more calls than a minute allows. */
  async function runs(rig: Rig, times: number): Promise<void> {
    for (let run = 0; run < times; run++) {
      await rig.run();
      rig.clock.advance(61_000);
    }
  }

  it('have their incidents read although no run can read all of them', async () => {
    const rig = createWireRig(() => undefined);
    await rig.settle();
    rig.answerBy(changedAtOnce(rig, () => undefined));
    await runs(rig, 5);
    expect(new Set(rig.feed().map(({ id }) => id)).size).toBe(COUNT);
    expect(rig.feed()).toHaveLength(COUNT);
    expect(await rig.run()).toBe('done');
  });

  it('have them read by slices, too, where they do not fit a page', async () => {
    const rig = createWireRig(() => undefined);
    await rig.settle();
    // Links that die have the window handed to slices.
    const dying = ({ url }: ListRequest): Reply | undefined =>
      skipOf(url) > 0 && skipOf(url) !== 9_999 ? undefined : page('', `${ORIGIN}/alerts_v2?$skip=9999`);
    rig.answerBy(
      changedAtOnce(rig, (request) => (skipOf(request.url) === 9_999 ? { status: 410 } : dying(request))),
    );
    await runs(rig, 12);
    expect(new Set(rig.feed().map(({ id }) => id)).size).toBe(COUNT);
  });
});

/** Whether the window that is asked for has the item's last update; a link's own window is the first page's. */
function isWanted({ from, to, url }: ListRequest, item: string): boolean {
  if (url.includes('$skip=')) return true;
  const time = /"lastUpdateDateTime":"([^"]+)"/.exec(item)?.[1] ?? '';
  return from <= time && (to === undefined || time < to);
}
