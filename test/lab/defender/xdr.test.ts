import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { person, startLab, TENANT, type TestLab } from './support.ts';
import { read, readIds, XDR } from './support-lists.ts';

const MINUTE = 60_000;

function labWith(count: number, settings: Parameters<typeof startLab>[0] = {}): TestLab {
  const lab = startLab(settings);
  for (let id = 1; id <= count; id += 1) {
    lab.defender.tenant(TENANT).createIncident({ id: String(id) });
    lab.clock.forward(MINUTE);
  }
  return lab;
}

describe('the list', () => {
  test('pages by $top and $skip, newest first, 100 at most, without links', async () => {
    const lab = labWith(101);
    expect((await readIds(lab, `${XDR}/incidents`)).length).toBe(100);
    expect(await readIds(lab, `${XDR}/incidents?$top=2&$skip=1`)).toEqual(['100', '99']);
    expect(await readIds(lab, `${XDR}/incidents?$top=2&$skip=100`)).toEqual(['1']);
    expect(await read(lab, `${XDR}/incidents`)).not.toHaveProperty('@odata.nextLink');
    expect((await lab.get(`${XDR}/incidents?$top=101`)).status).toBe(400);
  });

  test('carries links where the settings say so', async () => {
    const lab = labWith(3, { xdrNextLink: true });
    const first = await read(lab, `${XDR}/incidents?$top=2`);
    expect(first['@odata.nextLink']).toBe(`${XDR}/incidents?$top=2&$skip=2`);
    expect(await read(lab, first['@odata.nextLink'] ?? '')).not.toHaveProperty('@odata.nextLink');
  });

  test('filters by the four documented properties', async () => {
    const lab = labWith(4);
    const tenant = lab.defender.tenant(TENANT);
    tenant.updateIncident('2', { assignedTo: 'soc@contoso.example', status: 'inProgress' });
    const filtered = (filter: string) =>
      readIds(lab, `${XDR}/incidents?$filter=${encodeURIComponent(filter).replaceAll("'", '%27')}`);
    expect(await filtered("assignedTo eq 'soc@contoso.example'")).toEqual(['2']);
    expect(await filtered("status eq 'InProgress'")).toEqual(['2']);
    expect(await filtered("status eq 'Active' and createdTime lt 2026-11-20T12:02:00Z")).toEqual(['1']);
    expect(await filtered('lastUpdateTime ge 2026-11-20T12:03:00Z')).toEqual(['4', '2']);
  });

  test.each(['severity%20eq%20%27High%27', 'createdDateTime%20ge%202026-01-01T00:00:00Z', 'x'])(
    'refuses to filter by %s',
    async (filter) => {
      const answer = await labWith(1).get(`${XDR}/incidents?$filter=${filter}`);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text)).toEqual({
        error: {
          code: 'ODataError',
          message: expect.any(String),
          target: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      });
    },
  );

  test.each(['$expand=alerts', '$count=true', '$orderby=createdTime', '$top=0', '$skip=x'])(
    'refuses %s',
    async (option) => {
      expect((await labWith(1).get(`${XDR}/incidents?${option}`)).status).toBe(400);
    },
  );
});

describe('sign-in, permission and quotas', () => {
  test('401, 403 and 404 with the shared error body', async () => {
    const lab = labWith(1);
    expect((await lab.get(`${XDR}/incidents`)).headers.date).toBe('Fri, 20 Nov 2026 12:01:00 GMT');
    expect((await read(lab, `${XDR}/incidents/99`)).error).toMatchObject({ code: 'NotFound' });
    expect((await read(lab, `${XDR}/software`)).error).toMatchObject({ code: 'NotFound' });
    expect(lab.judge.audiences.at(-1)).toEqual(['https://api.security.microsoft.com']);
    lab.judge.verdict = { ok: false, reason: 'expired' };
    expect((await read(lab, `${XDR}/incidents`)).error).toMatchObject({ code: 'Unauthorized' });
    const poor = startLab({}, { caller: { roles: ['SecurityIncident.Read.All'] } });
    expect((await read(poor, `${XDR}/incidents`)).error).toMatchObject({ code: 'Forbidden' });
    const user = startLab({}, { caller: { roles: [], scopes: ['Incident.Read'], user: person('read') } });
    expect((await user.get(`${XDR}/incidents`)).status).toBe(200);
  });

  test.each([
    'api-eu.security.microsoft.com',
    'aea.api.security.microsoft.com',
    'api-gov.security.microsoft.us',
  ])('%s is served too', async (host) => {
    expect((await labWith(1).get(`https://${host}/api/incidents/1`)).status).toBe(200);
  });

  test('lists and gets are counted apart, by the minute and by the hour', async () => {
    const lab = labWith(1, { xdrListCallsPerMinute: 1, xdrGetCallsPerMinute: 2, xdrCallsPerHour: 3 });
    const list = () => lab.get(`${XDR}/incidents`);
    const get = () => lab.get(`${XDR}/incidents/1`);
    expect((await list()).status).toBe(200);
    const refused = await list();
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('60');
    expect(refused.text).toContain('reset in 60 seconds');
    expect([(await get()).status, (await get()).status, (await get()).status]).toEqual([200, 200, 429]);
    lab.clock.forward(MINUTE);
    expect((await list()).status).toBe(200);
    lab.clock.forward(MINUTE);
    expect((await list()).status).toBe(200);
    lab.clock.forward(MINUTE);
    const hourly = await list();
    expect(hourly.status).toBe(429);
    expect(hourly.headers['retry-after']).toBe(String(57 * 60));
    lab.defender.settings.xdrRetryAfter = false;
    expect((await list()).headers).not.toHaveProperty('retry-after');
  });
});

const SAMPLES = join(import.meta.dirname, '../../../../shared/data/incidents/xdr');

/** Every object's keys in the order written, by where it stands. */
function keysByPlace(value: unknown, place: string, found: Map<string, string>): Map<string, string> {
  if (Array.isArray(value)) for (const item of value) keysByPlace(item, place, found);
  else if (typeof value === 'object' && value !== null) {
    found.set(place, Object.keys(value).join(' '));
    for (const [key, part] of Object.entries(value)) keysByPlace(part, `${place}.${key}`, found);
  }
  return found;
}

describe.skipIf(!existsSync(SAMPLES) && !process.env.CI)('a generated incident', () => {
  test('has exactly the fields of the documented samples, in their order, at every level', async () => {
    const documented = new Map<string, string>();
    for (const file of readdirSync(SAMPLES)) {
      keysByPlace(JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')), '', documented);
    }
    const lab = startLab();
    const { generator } = lab.defender.tenant(TENANT);
    for (let steps = 0; steps < 200; steps += 1) {
      lab.clock.forward(MINUTE);
      generator.step();
    }
    const { value } = await read(lab, `${XDR}/incidents`);
    const made = keysByPlace(value, '', new Map());
    expect([...made.keys()].sort()).toEqual([
      '',
      '.alerts',
      '.alerts.devices',
      '.alerts.entities',
      '.comments',
    ]);
    expect(Object.fromEntries(made)).toEqual(Object.fromEntries(documented));
  });

  test('has numbers for ids and documented values', async () => {
    const lab = startLab();
    lab.defender.tenant(TENANT).generator.seedHistory(100, 5);
    const { value } = await read(lab, `${XDR}/incidents`);
    const entityTypes = new Set<string>();
    for (const incident of value as readonly unknown[] as readonly XdrShape[]) {
      expect(incident.incidentId).toBeTypeOf('number');
      expect(['Active', 'InProgress', 'Resolved', 'Redirected']).toContain(incident.status);
      expect(['Informational', 'Low', 'Medium', 'High']).toContain(incident.severity);
      for (const alert of incident.alerts) {
        expect(alert.incidentId).toBe(incident.incidentId);
        for (const entity of alert.entities) entityTypes.add(entity.entityType);
      }
    }
    expect([...entityTypes].sort()).toEqual([
      'File',
      'Ip',
      'MailBox',
      'MailCluster',
      'MailMessage',
      'Process',
      'Registry',
      'SecurityGroup',
      'Url',
      'User',
    ]);
  });
});

interface XdrShape {
  readonly incidentId: number;
  readonly status: string;
  readonly severity: string;
  readonly alerts: readonly {
    readonly incidentId: number;
    readonly entities: readonly { readonly entityType: string }[];
  }[];
}
