import { beforeAll, describe, expect, test } from 'vitest';
import type { DefenderSettings } from '../../lab/defender/settings.ts';
import { startLab, TENANT, type TestLab } from '../lab/defender/support.ts';
import { type GraphContract, loadGraphContract } from './graph-contract.ts';

const ROOT = 'https://graph.microsoft.com/v1.0/security';
const PREFER = { prefer: 'include-unknown-enum-members' };

let contract: GraphContract;

beforeAll(async () => {
  contract = await loadGraphContract();
});

/** A tenant in which everything that the generator can do has happened. */
function busyLab(settings: Partial<DefenderSettings>): TestLab {
  const lab = startLab(settings);
  const { generator } = lab.defender.tenant(TENANT);
  generator.seedHistory(80, 10);
  const seen = new Set<string>();
  for (let steps = 0; seen.size < 8 && steps < 500; steps += 1) {
    lab.clock.forward(60_000);
    seen.add(generator.step().kind);
  }
  if (seen.size < 8) throw new Error(`the generator did only ${[...seen].join(', ')}`);
  lab.clock.forward(3_600_000);
  return lab;
}

/** Reads a list to its end, checking each exchange; gives what is wrong and how many items came. */
async function readAll(lab: TestLab, url: string, headers: Record<string, string> = {}) {
  const faults: string[] = [];
  let items = 0;
  for (let next: string | undefined = url, pages = 0; next !== undefined && pages < 100; pages += 1) {
    const { checked, body } = await exchange(lab, next, headers);
    faults.push(...checked);
    items += body.value?.length ?? 0;
    next = body['@odata.nextLink'];
  }
  return { faults, items };
}

interface ListBody {
  readonly value?: readonly { readonly id: string; readonly 'alerts@odata.nextLink'?: string }[];
  readonly '@odata.nextLink'?: string;
}

async function exchange(lab: TestLab, url: string, headers: Record<string, string> = {}) {
  const sent = { method: 'GET', url, headers: { authorization: 'Bearer test', ...headers } };
  const answer = await lab.get(url, headers);
  const checked = [...contract.checkRequest(sent), ...contract.checkResponse(sent, answer)];
  return { checked, status: answer.status, body: JSON.parse(answer.text) as ListBody };
}

const VARIANTS: readonly Partial<DefenderSettings>[] = [
  {},
  { orderBy: 'lastUpdateDateTime', links: 'token', linkAfterFullPage: true },
  { expand: 'paged', expandAlertLimit: 3 },
  { expand: 'cut', expandAlertLimit: 3 },
  { shuffleArrays: true, changingEtags: true },
  { timeDigits: 0 },
  { timeDigits: 3 },
  { timeDigits: 'trimmed' },
  { redirected: 'gone', alertChangesMoveIncident: false, indexingDelayMs: 90_000 },
  { pageShift: 'arrive' },
  { pageShift: 'change', orderBy: 'lastUpdateDateTime' },
  { pageShift: 'remove' },
];

describe.each(VARIANTS)('generated incidents under %o', (settings) => {
  test('lists, gets and alerts are as published', async () => {
    const lab = busyLab(settings);
    const incidents = await readAll(lab, `${ROOT}/incidents?$top=50&$expand=alerts&$count=true`, PREFER);
    expect(incidents.faults).toEqual([]);
    expect(incidents.items).toBeGreaterThan(50);

    const known = await readAll(lab, `${ROOT}/incidents?$top=50&$expand=alerts`);
    expect(known.faults).toEqual([]);

    const bare = await readAll(
      lab,
      `${ROOT}/incidents?$filter=lastUpdateDateTime%20ge%202026-11-15T00:00:00Z`,
    );
    expect(bare.faults).toEqual([]);

    const alerts = await readAll(lab, `${ROOT}/alerts_v2?$top=100`);
    expect(alerts.faults).toEqual([]);
    expect(alerts.items).toBeGreaterThan(100);
  });
});

test('what is checked holds every kind of evidence and of source that is generated', async () => {
  const lab = busyLab({});
  const text = (await lab.get(`${ROOT}/alerts_v2?$top=2000`, PREFER)).text;
  expect(new Set(text.match(/"#microsoft\.graph\.security\.\w+Evidence"/g)).size).toBe(12);
  expect(new Set(text.match(/"serviceSource":"\w+"/g)).size).toBe(6);
});

describe('the rest of an incident whose alerts were not all given', () => {
  test('its link is served, page by page, as published', async () => {
    const lab = startLab({ expand: 'paged', expandAlertLimit: 10 });
    const { id } = lab.defender.tenant(TENANT).generator.storm(35);
    const { checked, body } = await exchange(lab, `${ROOT}/incidents?$expand=alerts`, PREFER);
    expect(checked).toEqual([]);
    const rest = await readAll(lab, body.value?.[0]?.['alerts@odata.nextLink'] ?? '', PREFER);
    expect(rest).toEqual({ faults: [], items: 25 });
    const one = await exchange(lab, `${ROOT}/incidents/${id}?$expand=alerts`, PREFER);
    expect(one.checked).toEqual([]);
  });
});

describe('errors', () => {
  const statusOf = async (lab: TestLab, url: string, prepare?: (lab: TestLab) => void) => {
    prepare?.(lab);
    const sent = { method: 'GET', url, headers: { authorization: 'Bearer test' } };
    const answer = await lab.get(url);
    return { status: answer.status, faults: contract.checkResponse(sent, answer) };
  };

  test.each<[number, string, Partial<DefenderSettings>]>([
    [400, `${ROOT}/incidents?$top=51`, {}],
    [400, `${ROOT}/incidents?$filter=displayName%20eq%20%27x%27`, {}],
    [404, `${ROOT}/incidents/404`, {}],
    [404, `${ROOT}/alerts_v2/none`, {}],
    [429, `${ROOT}/incidents`, { graphCallsPerMinute: 0 }],
    [500, `${ROOT}/incidents?$expand=alerts`, { expand: 'fail', expandAlertLimit: 0 }],
    [503, `${ROOT}/incidents?$expand=alerts`, { expand: 'fail', expandAlertLimit: 0, expandFailStatus: 503 }],
    [504, `${ROOT}/incidents?$expand=alerts`, { expand: 'fail', expandByteLimit: 10, expandFailStatus: 504 }],
  ])('%i for %s', async (status, url, settings) => {
    const lab = startLab(settings);
    lab.defender.tenant(TENANT).generator.arrive();
    expect(await statusOf(lab, url)).toEqual({ status, faults: [] });
  });

  test('401 and 403', async () => {
    const lab = startLab();
    lab.judge.verdict = { ok: false, reason: 'expired' };
    expect(await statusOf(lab, `${ROOT}/incidents`)).toEqual({ status: 401, faults: [] });
    const poor = startLab({}, { caller: { roles: [] } });
    expect(await statusOf(poor, `${ROOT}/incidents`)).toEqual({ status: 403, faults: [] });
  });
});
