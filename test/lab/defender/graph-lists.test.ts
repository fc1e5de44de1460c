import { describe, expect, test } from 'vitest';
import { NOON, startLab, TENANT, type TestLab } from './support.ts';
import { GRAPH, read, readIds, readPages } from './support-lists.ts';

const MINUTE = 60_000;

/** Incidents `1`, `2`, … made a minute apart. */
function labWith(count: number, settings: Parameters<typeof startLab>[0] = {}): TestLab {
  const lab = startLab(settings);
  for (let id = 1; id <= count; id += 1) {
    lab.defender.tenant(TENANT).createIncident({ id: String(id), alerts: [{ id: `a${id}` }] });
    lab.clock.forward(MINUTE);
  }
  return lab;
}

describe('paging', () => {
  test('newest first, links by $skip that keep the other options, none on the last page', async () => {
    const lab = labWith(5);
    const first = await read(lab, `${GRAPH}/incidents?$top=2&$expand=alerts&$count=true`);
    expect(first['@odata.count']).toBe(5);
    expect(first['@odata.nextLink']).toBe(`${GRAPH}/incidents?$top=2&$expand=alerts&$count=true&$skip=2`);
    expect(await readPages(lab, `${GRAPH}/incidents?$top=2`)).toEqual([['5', '4'], ['3', '2'], ['1']]);
    expect(await readPages(lab, `${GRAPH}/alerts_v2?$top=4`)).toEqual([['a5', 'a4', 'a3', 'a2'], ['a1']]);
  });

  test('50 a page where none is named, 50 at most', async () => {
    const lab = labWith(51);
    expect((await readPages(lab, `${GRAPH}/incidents`)).map((page) => page.length)).toEqual([50, 1]);
    const answer = await lab.get(`${GRAPH}/incidents?$top=1000`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(
      "The limit of '50' for Top query has been exceeded. The value from the incoming request is '1000'.",
    );
  });

  test('a full last page is linked to an empty one where the settings say so', async () => {
    const lab = labWith(4, { linkAfterFullPage: true });
    expect(await readPages(lab, `${GRAPH}/incidents?$top=2`)).toEqual([['4', '3'], ['2', '1'], []]);
  });

  test('the list is live: what arrives between two pages repeats an item', async () => {
    const lab = labWith(4, { pageShift: 'arrive' });
    const [first, second] = await readPages(lab, `${GRAPH}/incidents?$top=2`);
    expect(first).toEqual(['4', '3']);
    expect(second?.[0]).toBe('3');
  });

  test('what is removed between two pages hides an item', async () => {
    const lab = labWith(5, { pageShift: 'remove' });
    expect(await readPages(lab, `${GRAPH}/incidents?$top=2`)).toEqual([
      ['5', '4'],
      ['2', '1'],
    ]);
  });

  test('what is changed between two pages jumps behind the reader in a list by update', async () => {
    const lab = labWith(5, { pageShift: 'change', orderBy: 'lastUpdateDateTime' });
    const pages = await readPages(lab, `${GRAPH}/incidents?$top=2`);
    expect(pages[0]).toEqual(['5', '4']);
    expect(pages.flat()).not.toContain('3');
  });

  test('the hook runs before each page and may change the list', async () => {
    const reads: unknown[] = [];
    const lab = labWith(3, { beforeListRead: (at) => void reads.push(at) });
    await readPages(lab, `${GRAPH}/incidents?$top=2`);
    await readPages(lab, `${GRAPH}/alerts_v2?$top=9`);
    const one = { tenantId: TENANT, family: 'graph', collection: 'incidents' };
    expect(reads).toEqual([
      { ...one, skip: 0 },
      { ...one, skip: 2 },
      { ...one, collection: 'alerts', skip: 0 },
    ]);
  });
});

describe('opaque links', () => {
  test('lead through the list', async () => {
    const lab = labWith(5, { links: 'token' });
    const first = await read(lab, `${GRAPH}/incidents?$top=2`);
    expect(first['@odata.nextLink']).toMatch(/\$skiptoken=[\w-]+$/);
    expect(await readPages(lab, `${GRAPH}/incidents?$top=2`)).toEqual([['5', '4'], ['3', '2'], ['1']]);
  });

  test.each([400, 410] as const)('expire with %i', async (expiredTokenStatus) => {
    const lab = labWith(5, { links: 'token', tokenLifeMs: MINUTE, expiredTokenStatus });
    const { '@odata.nextLink': link = '' } = await read(lab, `${GRAPH}/incidents?$top=2`);
    lab.clock.forward(MINUTE);
    expect((await lab.get(link)).status).toBe(200);
    lab.clock.forward(1);
    expect((await lab.get(link)).status).toBe(expiredTokenStatus);
  });

  test('of another query or another maker are refused', async () => {
    const lab = labWith(5, { links: 'token' });
    const { '@odata.nextLink': link = '' } = await read(lab, `${GRAPH}/incidents?$top=2`);
    expect((await lab.get(link.replace('$top=2', '$top=3'))).status).toBe(400);
    expect((await lab.get(`${GRAPH}/incidents?$skiptoken=xyz`)).status).toBe(400);
  });
});

describe('order and filter', () => {
  test('by the date that the settings name, changed while running', async () => {
    const lab = labWith(3);
    lab.defender.tenant(TENANT).updateIncident('1', { severity: 'high' });
    expect(await readIds(lab, `${GRAPH}/incidents`)).toEqual(['3', '2', '1']);
    lab.defender.settings.orderBy = 'lastUpdateDateTime';
    expect(await readIds(lab, `${GRAPH}/incidents`)).toEqual(['1', '3', '2']);
  });

  test('by date, by member, together, counted and linked', async () => {
    const lab = labWith(6);
    const tenant = lab.defender.tenant(TENANT);
    for (const id of ['2', '4', '5']) tenant.updateIncident(id, { severity: 'high' });
    const since = new Date(NOON + 3 * MINUTE).toISOString();
    const filter = `$filter=severity%20eq%20%27high%27%20and%20createdDateTime%20ge%20${since}`;
    expect(await readIds(lab, `${GRAPH}/incidents?${filter}`)).toEqual(['5', '4']);
    expect(await readPages(lab, `${GRAPH}/incidents?$top=1&${filter}`)).toEqual([['5'], ['4']]);
    expect((await lab.get(`${GRAPH}/incidents/$count?${filter}`)).text).toBe('2');
    expect((await lab.get(`${GRAPH}/incidents/$count`)).headers['content-type']).toBe('text/plain');
    expect(await readIds(lab, `${GRAPH}/alerts_v2?$filter=createdDateTime%20lt%20${since}`)).toEqual([
      'a3',
      'a2',
      'a1',
    ]);
    expect(await readIds(lab, `${GRAPH}/alerts_v2?$filter=serviceSource+eq+%27microsoftSentinel%27`)).toEqual(
      [],
    );
  });

  test.each([
    'incidents?$filter=severity eq %27high%27',
    "incidents?$filter=severity%20eq%20'high'",
    'incidents?$filter=serviceSource%20eq%20%27microsoftSentinel%27',
    'incidents?$filter=displayName%20eq%20%27x%27',
    'incidents?$filter=',
    'incidents?$filter=%E0%A4%A',
    'incidents?$top=0',
    'incidents?$top=ten',
    'incidents?$skip=-1',
    'incidents?$top=2&$top=3',
    'incidents?$expand=comments',
    'incidents?$count=yes',
    'incidents?$orderby=createdDateTime%20desc',
    'incidents?$select=id',
    'incidents?$format=json',
    'incidents/1?$filter=x',
    'alerts_v2?$expand=alerts',
    'incident',
    'incidents/1/comments',
  ])('400 for %s', async (target) => {
    const answer = await labWith(1).get(`${GRAPH}/${target}`);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'BadRequest' } });
  });

  test('undocumented options are taken and not obeyed where the settings say so', async () => {
    const lab = labWith(2, { undocumentedOptions: 'ignore' });
    expect(await readIds(lab, `${GRAPH}/incidents?$orderby=createdDateTime&$select=id`)).toEqual(['2', '1']);
  });
});
