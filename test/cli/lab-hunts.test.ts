import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventText } from '../../cli/commands/lab/event-text.ts';
import { loadOnce } from '../../cli/commands/lab/once.ts';
import type { LogEntry } from '../../lab/runner/log.ts';
import type { SessionEvent, SessionTenant } from '../../lab/session/events.ts';
import { createHuntLog } from '../../lab/session/hunt-log.ts';
import { SHOWN_QUERY, type ShowHuntsOptions, showHunts } from '../../lab/session/hunts.ts';
import { createRoster } from '../../lab/session/roster.ts';
import type { Session } from '../../lab/session/session.ts';
import { loadLibrary } from '../../shared/hunting/library/load-library.ts';

const tenant: SessionTenant = { id: 't1', name: 'Fabrikam', api: 'graph', credential: 'federated' };
const other: SessionTenant = { id: 't2', name: 'Northwind', api: 'xdr', credential: 'secret' };

const joined: SessionTenant = { ...tenant, id: 't3', name: 'Adventure Works' };

const said = (fields: object): LogEntry => ({
  level: 'information',
  source: 'app',
  message: JSON.stringify(fields),
});
const stored = (fields: object = {}): LogEntry =>
  said({
    event: 'findings.stored',
    tenant: 't1',
    query: 'q',
    announced: 0,
    learned: 0,
    seenAgain: 0,
    whole: true,
    ...fields,
  });
const failing = (fields: object = {}): LogEntry =>
  said({ event: 'hunt.schedule_failing', tenant: 't1', query: 'q', code: 'hunt.time_limit', ...fields });

function rig() {
  const events: SessionEvent[] = [];
  const log = createHuntLog({
    tenants: createRoster([tenant, other]),
    onEvent: (event) => void events.push(event),
    now: () => 7,
  });
  const texts = (): unknown[] => events.map((event) => eventText(event)?.text);
  return { log, events, texts };
}

describe('what scheduled hunts find', () => {
  it('is added up by tenant and told in words; what finds nothing is not told', () => {
    const { log, texts } = rig();
    log.read(stored({ announced: 2, learned: 1 }));
    log.read(stored({ query: 'r', announced: 1, seenAgain: 3 }));
    log.read(stored());
    log.read(stored({ tenant: 'elsewhere', announced: 9 }));
    log.read({ level: 'error', source: 'console', message: '{"event": findings.stored' });
    expect(log.hunts()).toMatchObject([
      { tenant, runs: 3, found: 4, seenAgain: 3, lastAt: 7 },
      { tenant: other, runs: 0, found: 0, seenAgain: 0, lastAt: undefined },
    ]);
    expect(texts()).toEqual([
      'Fabrikam: hunt q: 2 new findings, 1 finding learned silently',
      'Fabrikam: hunt r: 1 new finding, 3 seen again',
      undefined,
    ]);
  });

  it('fails until it is whole again, and each run counts once', () => {
    const { log, texts } = rig();
    log.read(failing());
    log.read(failing());
    expect(log.hunts()[0]).toMatchObject({ runs: 2, failing: new Map([['q', 'hunt.time_limit']]) });
    // A truncated one tells what it found, and then that it is not whole.
    log.read(stored({ whole: false, announced: 1 }));
    log.read(failing({ code: 'hunt.result_too_large' }));
    expect(log.hunts()[0]).toMatchObject({ runs: 3, failing: new Map([['q', 'hunt.result_too_large']]) });
    log.read(stored());
    expect(log.hunts()[0]).toMatchObject({ runs: 4, found: 1, failing: new Map() });
    expect(texts()[0]).toBe('Fabrikam: the scheduled hunt q fails: hunt.time_limit');
  });

  it.each([
    ['a whole run', [stored()]],
    ['a failed one', [failing()]],
    ['one that is not whole', [stored({ whole: false }), failing()]],
  ])('is waited for: %s', async (_name, last) => {
    const { log } = rig();
    let ended = false;
    void log.nextRun('t1', 'q').then(() => {
      ended = true;
    });
    for (const entry of [stored({ query: 'r' }), stored({ tenant: 't2' }), ...last.slice(0, -1)]) {
      log.read(entry);
      await Promise.resolve();
      expect(ended).toBe(false);
    }
    for (const entry of last.slice(-1)) log.read(entry);
    await Promise.resolve();
    expect(ended).toBe(true);
  });
});

describe('the hunt that is shown', () => {
  it('is a scheduled query of the library without parameters, announced from its first run on', async () => {
    const { queries } = await loadLibrary([join(import.meta.dirname, '../../queries')]);
    const query = queries.find(({ id }) => id === SHOWN_QUERY);
    expect(query).toMatchObject({ enabled: true, parameters: [], schedule: { learnSilently: false } });
  });

  it('runs twice in each tenant, then again and again until it is told to stop', async () => {
    const asked: string[] = [];
    const rules: unknown[] = [];
    const told: unknown[] = [];
    const ending = new AbortController();
    const options: ShowHuntsOptions = {
      tenants: async () => (asked.length < 4 ? [tenant, other] : [tenant, joined]),
      client: {
        query: async () => ({ text: 'KQL', scheduled: [] }),
        runScheduled: async (id, query, dueMs) => {
          asked.push(`${id} ${query} ${dueMs}`);
          if (asked.length === 6) ending.abort();
        },
      },
      control: { rule: async (rule) => void rules.push(rule) },
      log: { nextRun: async () => {} },
      signal: ending.signal,
      now: () => 100 + told.length,
      againMs: 0,
    };
    await showHunts(options, (trouble) => void told.push(trouble));
    expect(rules).toEqual([{ query: 'KQL', rowsPerHour: expect.any(Number) }]);
    expect(asked).toEqual(
      // One that joined meanwhile is hunted in as well.
      ['t1 100', 't2 100', 't1 100', 't2 100', 't1 101', 't3 101'].map((each) =>
        each.replace(' ', ` ${SHOWN_QUERY} `),
      ),
    );
    expect(told).toEqual([undefined]);
  });

  it('that cannot be asked for is told with the reason', async () => {
    const ending = new AbortController();
    const told: unknown[] = [];
    const options: ShowHuntsOptions = {
      tenants: async () => [tenant],
      client: {
        query: async () => {
          throw new Error('The API answered 404');
        },
        runScheduled: async () => {
          throw new Error('The API answered 500');
        },
      },
      control: { rule: async () => {} },
      log: { nextRun: () => new Promise(() => {}) },
      signal: ending.signal,
      now: () => 0,
    };
    await showHunts(options, (trouble) => {
      told.push(trouble);
      if (told.length === 2) ending.abort();
    });
    expect(told).toEqual(['The API answered 404', 'The API answered 500']);
  });
});

describe('outrider lab --once', () => {
  const session = (over: Partial<Session>): Session => ({
    api: 'http://127.0.0.1:1',
    tenants: [tenant],
    prospect: { ...joined, clientId: 'app' },
    rows: () => [],
    syncs: () => [{ tenant, answer: undefined, state: 'current', reason: undefined, rest: undefined }],
    settled: Promise.resolve(),
    hunts: () => [],
    huntsShown: Promise.resolve(undefined),
    huntFailure: async () => undefined,
    broken: new Promise(() => {}),
    newestIncident: async () => undefined,
    stop: async () => {},
    kill: () => {},
    ...over,
  });
  const failureOf = async (over: Partial<Session>): Promise<string | undefined> =>
    (await loadOnce(session(over), new AbortController().signal)).failure;

  it('waits for the hunts, and fails with what they fail with', async () => {
    const { log } = rig();
    log.read(failing());
    expect(await failureOf({})).toBeUndefined();
    expect(await failureOf({ huntsShown: Promise.resolve('It did not run.') })).toBe('It did not run.');
    const words = { huntFailure: async () => 'The query ran too long.' };
    expect(await failureOf({ hunts: log.hunts, ...words })).toBe(
      'Fabrikam: the scheduled hunt q failed: The query ran too long.',
    );
    expect(await failureOf({ hunts: log.hunts })).toMatch(/failed: hunt\.time_limit$/);
  });

  it('does not wait for hunts where a tenant was not loaded', async () => {
    const over: Partial<Session> = {
      syncs: () => [{ tenant, answer: undefined, state: 'failing', reason: 'No consent.', rest: undefined }],
      huntsShown: new Promise(() => {}),
    };
    expect(await failureOf(over)).toBe('Fabrikam was not loaded: No consent.');
  });
});
