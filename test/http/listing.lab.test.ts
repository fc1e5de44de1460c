import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AlertInit, IncidentInit } from '../../lab/defender/tenant.ts';
import { expectProblem } from './expect-problem.ts';
import { type Answer, type OutriderApp, startOutrider } from './outrider-app.ts';

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly severity: string;
  readonly assignedTo: string | null;
  readonly lastUpdateDateTime: string;
}
interface Page {
  readonly value: readonly Listed[];
  readonly nextLink?: string;
}

const READ = { roles: ['Incidents.Read'] };
const STATUSES = ['active', 'inProgress', 'resolved'] as const;
const SEVERITIES = ['low', 'medium', 'high'] as const;
const COUNT = 23;
const DAY_MS = 86_400_000;

let app: OutriderApp;
let base = '';
let other = '';
/** What was put into the service, newest first. */
let stored: readonly Listed[] = [];

beforeAll(async () => {
  app = await startOutrider();
  const [first, second] = app.cloud.world.tenants.map(({ id }) => id);
  if (first === undefined || second === undefined) throw new Error('the lab needs two tenants');
  base = `/api/tenants/${first}/incidents`;
  other = `/api/tenants/${second}/incidents`;
  const tenant = app.cloud.defender.tenant(first);
  const start = Math.floor(Date.now() / DAY_MS - 3) * DAY_MS + 3_600_000;
  const made = Array.from({ length: COUNT }, (_, n) => {
    // Seven digits, and two incidents in each ten minutes with the same time.
    const time = `${new Date(start + Math.floor(n / 2) * 600_000).toISOString().slice(0, 19)}.1234567Z`;
    const init: IncidentInit & { readonly alerts: readonly AlertInit[] } = {
      id: String(1_000 + n * 7),
      status: STATUSES[n % 3] ?? 'active',
      severity: SEVERITIES[n % 2] ?? 'low',
      assignedTo: n % 4 === 0 ? null : `Analyst${n % 4}@contoso.com`,
      createdDateTime: time,
      lastUpdateDateTime: time,
      alerts: [{ title: `Alert of ${n}` }],
    };
    return tenant.createIncident(init);
  });
  stored = made
    .map(({ id, status, severity, assignedTo, lastUpdateDateTime }) => {
      return { id, status, severity, assignedTo, lastUpdateDateTime };
    })
    .sort((a, b) => (a.lastUpdateDateTime < b.lastUpdateDateTime ? 1 : -1));
  app.cloud.defender.tenant(second).createIncident({ id: '77', status: 'active' });
  await Promise.all([app.sync(first), app.sync(second)]);
});

afterAll(() => app?.stop());

const list = (query: string, path = base): Promise<Answer> => app.call(`${path}?${query}`, READ);

/** Follows `nextLink` to the end. */
async function allPages(query: string): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (let link: string | undefined = `${base}?${query}`; link !== undefined; ) {
    const answer = await app.call(link, READ);
    expect(answer.status, answer.text).toBe(200);
    const page = answer.json<Page & Record<string, unknown>>();
    pages.push(page);
    link = page.nextLink;
    expect(pages.length).toBeLessThanOrEqual(COUNT + 1);
  }
  return pages;
}

async function idsOf(query: string): Promise<readonly string[]> {
  return (await allPages(query)).flatMap(({ value }) => value.map(({ id }) => id)).sort();
}

describe('a listing', () => {
  test.each([1, 5, 22, 23, 24, 200])('by pages of %i gives each incident once, newest first', async (top) => {
    const pages = await allPages(`top=${top}`);
    for (const { value } of pages.slice(0, -1)) expect(value).toHaveLength(top);
    expect(pages).toHaveLength(Math.ceil(COUNT / top));
    const listed = pages.flatMap(({ value }) => value);
    expect(listed.map(({ lastUpdateDateTime }) => lastUpdateDateTime)).toEqual(
      stored.map(({ lastUpdateDateTime }) => lastUpdateDateTime),
    );
    expect(new Set(listed.map(({ id }) => id)).size).toBe(COUNT);
  });

  test('shows what Graph shows, alerts counted', async () => {
    const [newest] = (await list('top=1')).json<{ value: object[] }>().value;
    expect(newest).toMatchObject({
      ...stored.find(({ id }) => id === (newest as Listed).id),
      tenantId: app.cloud.world.tenants[0]?.id,
      alertCount: 1,
      redirectIncidentId: null,
      _outrider: { family: 'graph', alertsMissing: false, version: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  const filters: readonly (readonly [string, (incident: Listed) => boolean])[] = [
    ['status=active', ({ status }) => status === 'active'],
    ['status=ACTIVE,inprogress', ({ status }) => status !== 'resolved'],
    ['status=active,resolved', ({ status }) => status !== 'inProgress'],
    ['status=active&status=resolved', ({ status }) => status !== 'inProgress'],
    ['severity=low', ({ severity }) => severity === 'low'],
    ['severity=high', () => false],
    ['assignedTo=ANALYST1@contoso.com', ({ assignedTo }) => assignedTo === 'Analyst1@contoso.com'],
    ['assignedTo=', ({ assignedTo }) => assignedTo === null],
    ['assignedTo=analyst', () => false],
    [
      'status=resolved&severity=medium&assignedTo=analyst1@contoso.com',
      (incident) =>
        incident.status === 'resolved' &&
        incident.severity === 'medium' &&
        incident.assignedTo === 'Analyst1@contoso.com',
    ],
  ];
  test.each(filters)('by %s gives those alone, in one page and in many', async (query, fits) => {
    const expected = stored
      .filter(fits)
      .map(({ id }) => id)
      .sort();
    expect(await idsOf(`${query}&top=200`)).toEqual(expected);
    expect(await idsOf(`${query}&top=2`)).toEqual(expected);
  });

  test('by updatedSince takes that very tick and no earlier one', async () => {
    const since = stored[6]?.lastUpdateDateTime ?? '';
    const idsFrom = (time: string) =>
      stored
        .filter(({ lastUpdateDateTime }) => lastUpdateDateTime >= time)
        .map(({ id }) => id)
        .sort();
    expect(await idsOf(`updatedSince=${since}&top=3`)).toEqual(idsFrom(since));
    const tickLater = since.replace('4567Z', '4568Z');
    expect(await idsOf(`updatedSince=${tickLater}&top=3`)).toEqual(idsFrom(tickLater));
    expect(idsFrom(tickLater).length).toBeLessThan(idsFrom(since).length);
    const elsewhere = since.replace(/T0(\d)/, (_, hour) => `T0${Number(hour) + 2}`).replace('Z', '+02:00');
    expect(await idsOf(`updatedSince=${elsewhere}`)).toEqual(idsFrom(since));
    expect(await idsOf('updatedSince=9999-12-31T23:59:59Z')).toEqual([]);
    expect(await idsOf('updatedSince=1000-01-01T00:00:00Z')).toHaveLength(COUNT);
  });

  test('nextLink is absolute, keeps the filters, and works with another page size', async () => {
    const { nextLink = '' } = (await list('status=active&severity=low,medium&top=2')).json<Page & object>();
    const link = new URL(nextLink);
    expect(link.origin).toBe(app.url);
    expect(link.pathname).toBe(base);
    expect(link.searchParams.get('status')).toBe('active');
    link.searchParams.set('top', '200');
    const rest = (await app.call(link.href, READ)).json<Page & object>();
    const active = stored.filter(({ status }) => status === 'active');
    expect(rest.value).toHaveLength(active.length - 2);
    expect(rest.nextLink).toBeUndefined();
  });

  test('of one tenant never shows another’s, even with its token', async () => {
    const { nextLink = '' } = (await list('top=2')).json<Page & object>();
    const token = new URL(nextLink).searchParams.get('continuationToken') ?? '';
    const foreign = await list(`top=200&continuationToken=${token}`, other);
    expect(foreign.status).toBe(200);
    const ids = foreign.json<Page & object>().value.map(({ id }) => id);
    expect(ids.filter((id) => id !== '77')).toEqual([]);
    expect((await list('', other)).json<Page & object>().value.map(({ id }) => id)).toEqual(['77']);
  });
});

describe('wrong parameters', () => {
  const wrong: readonly (readonly [query: string, errors: readonly RegExp[]])[] = [
    ['top=0', [/^top: must be a whole number from 1 to 200\.$/]],
    ['top=201', [/^top: .*1 to 200/]],
    ['top=10000', [/^top: .*1 to 200/]],
    ['top=-1', [/^top: /]],
    ['top=1.5', [/^top: /]],
    ['top=1e2', [/^top: /]],
    ['top=', [/^top: /]],
    ['top=%31%30x', [/^top: /]],
    ['top=5&top=6', [/^top: /]],
    ['status=open', [/^status: must be one or more of active, inProgress, .*, separated by commas\.$/]],
    ['status=', [/^status: /]],
    ['status=active,', [/^status: /]],
    ['severity=critical', [/^severity: .*informational, low, medium, high/]],
    ['updatedSince=yesterday', [/^updatedSince: must be a time such as 2026-01-31T08:00:00Z\.$/]],
    ['updatedSince=2026-01-31', [/^updatedSince: /]],
    ['updatedSince=2026-01-31T08:00:00', [/^updatedSince: /]],
    ['updatedSince=2026-02-31T08:00:00Z', [/^updatedSince: /]],
    ['updatedSince=2025-02-29T08:00:00Z', [/^updatedSince: /]],
    ['updatedSince=2026-13-01T08:00:00Z', [/^updatedSince: /]],
    ['updatedSince=2026-01-31T25:00:00Z', [/^updatedSince: /]],
    ['updatedSince=9999-12-31T23:59:59-10:00', [/^updatedSince: /]],
    ['updatedSince=0000-01-01T00:00:00%2B10:00', [/^updatedSince: /]],
    ['updatedSince=0000-01-01T00:00:00Z', [/^updatedSince: /]],
    ['updatedSince=', [/^updatedSince: /]],
    [`assignedTo=${'x'.repeat(257)}`, [/^assignedTo: may have 256 characters at most\.$/]],
    [`continuationToken=${'x'.repeat(2_049)}`, [/^continuationToken: may have 2048 characters/]],
    ['pageSize=5', [/^pageSize: not a parameter here\.$/]],
    ['sevrity=high', [/^sevrity: not a parameter here; did you mean severity\?$/]],
    ['updatedsince=2026-01-31T08:00:00Z', [/^updatedsince: .*did you mean updatedSince\?$/]],
    ['%24top=5', [/^\$top: .*did you mean top\?$/]],
    ['top=0&status=x&stauts=active', [/^status: /, /^stauts: .*did you mean status/, /^top: /]],
  ];
  test.each(wrong)('%s', async (query, errors) => {
    const body = expectProblem(await list(query), 400, 'request.invalid');
    const found = [...(body.errors as string[])].sort();
    expect(found).toHaveLength(errors.length);
    for (const [index, error] of errors.entries()) expect(found[index]).toMatch(error);
    for (const error of found) expect(body.detail).toContain(error);
  });

  test.each([
    ['as=xdr', /^as: must be one of graph, source\.$/],
    ['a=source', /^a: not a parameter here; did you mean as\?$/],
  ])('of one incident: %s', async (query, error) => {
    const body = expectProblem(
      await app.call(`${base}/${stored[0]?.id}?${query}`, READ),
      400,
      'request.invalid',
    );
    expect(body.errors).toEqual([expect.stringMatching(error)]);
  });

  test.each([
    [`run=${'x'.repeat(65)}`, /^run: may have 64 characters at most\.$/],
    ['runs=1', /^runs: not a parameter here; did you mean run\?$/],
  ])('of the state of the sync: %s', async (query, error) => {
    const answer = await app.call(`${base.replace(/incidents$/, 'sync')}?${query}`, READ);
    expect(expectProblem(answer, 400, 'request.invalid').errors).toEqual([expect.stringMatching(error)]);
  });
});

describe('continuation tokens', () => {
  const tokenOf = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  test('that Outrider never gave are refused', async () => {
    const { nextLink = '' } = (await list('top=2')).json<Page & object>();
    const sound = new URL(nextLink).searchParams.get('continuationToken') ?? '';
    const token = JSON.parse(Buffer.from(sound, 'base64url').toString()) as {
      v: number;
      k: string;
      f: string;
    };
    const bad = [
      '',
      'x',
      '%00',
      sound.slice(0, -8),
      tokenOf(null),
      tokenOf(7),
      tokenOf([]),
      tokenOf({ ...token, v: 2 }),
      tokenOf({ ...token, k: 's' }),
      tokenOf({ ...token, k: 'c|1000' }),
      tokenOf({ ...token, k: `${token.k}' or PartitionKey gt '` }),
      tokenOf({ ...token, k: `${token.k}\n` }),
      tokenOf({ ...token, k: [token.k] }),
    ];
    for (const text of bad) {
      const body = expectProblem(await list(`top=2&continuationToken=${text}`), 400, 'request.invalid');
      expect(body.detail, text).toMatch(/token is not one that Outrider gave/);
    }
  });

  test('of a listing with other filters are refused', async () => {
    const { nextLink = '' } = (await list('top=2&status=active')).json<Page & object>();
    const token = new URL(nextLink).searchParams.get('continuationToken');
    for (const filter of ['', 'status=resolved', 'status=active&severity=low', 'status=active,resolved']) {
      const body = expectProblem(
        await list(`top=2&${filter}&continuationToken=${token}`),
        400,
        'request.invalid',
      );
      expect(body.detail).toMatch(/token belongs to a listing with other filters/);
    }
  });
});

describe('what is not stored', () => {
  test.each(['nobody', '1000/versions/abc', 'nobody/versions', 'a%2Fb%23c%3F', `${'9'.repeat(900)}`])(
    '%s is a 404 that says so',
    async (path) => {
      const body = expectProblem(await app.call(`${base}/${path}`, READ), 404, 'request.not_found');
      expect(body.detail).toMatch(/is not stored/);
    },
  );
});
