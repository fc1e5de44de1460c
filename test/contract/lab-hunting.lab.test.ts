import { beforeAll, describe, expect, test } from 'vitest';
import type { DefenderSettings } from '../../lab/defender/settings.ts';
import { GRAPH, type HuntLab, startHuntLab } from '../lab/hunting/support.ts';
import { type GraphContract, loadGraphContract } from './graph-contract.ts';

let contract: GraphContract;

beforeAll(async () => {
  contract = await loadGraphContract();
});

/** Sends a body and gives what is wrong with the exchange, both ways. */
async function exchange(lab: HuntLab, body: unknown, url = GRAPH) {
  const headers = { authorization: 'Bearer test', 'content-type': 'application/json; charset=utf-8' };
  const sent = { method: 'POST', url, headers, body };
  const answer = await lab.post(body, url);
  return {
    ...answer,
    request: contract.checkRequest(sent),
    response: contract.checkResponse(sent, answer),
  };
}

const QUERIES = [
  'DeviceProcessEvents',
  'EmailEvents | project Timestamp, NetworkMessageId, Size = 9007199254740993',
  'union DeviceEvents, IdentityLogonEvents | take 20',
  'AlertEvidence | summarize dcount(DeviceId) by bin(Timestamp, 1d), Severity',
  'print I=int(1), R=1.5, D=decimal(3), B=true, G=guid(null), S=1h, X=dynamic({}), Q="ä"',
  'DeviceEvents | take 0',
];

const VARIANTS: readonly Partial<DefenderSettings>[] = [
  {},
  { huntAnnotations: 'all', huntDynamic: 'json', huntBools: 'sbyte', huntTimeDigits: 'trimmed' },
  { huntAnnotations: 'none', huntSchemaPlace: 'last', huntOrder: 'none', huntExtraColumn: true },
  { huntRowLimit: 3, huntCutSays: 'header' },
];

describe.each(VARIANTS)('hunts under %o', (settings) => {
  test.each(QUERIES)('%s: asked and answered as published', async (Query) => {
    const { status, request, response } = await exchange(startHuntLab(settings), { Query, Timespan: 'P2D' });
    expect({ status, request, response }).toEqual({ status: 200, request: [], response: [] });
  });
});

test('the qualified name of the operation', async () => {
  const url = GRAPH.replace('runH', 'microsoft.graph.security.runH');
  const { status, request, response } = await exchange(
    startHuntLab(),
    { query: 'DeviceEvents | take 1' },
    url,
  );
  expect({ status, request, response }).toEqual({ status: 200, request: [], response: [] });
});

describe('errors', () => {
  test.each<[number, string, Partial<DefenderSettings>]>([
    [400, 'DeviceEvents | where Nope == 1', {}],
    [400, '.show tables', {}],
    [400, 'DeviceEvents', { huntByteLimit: 1_000 }],
    [429, 'DeviceEvents', { huntCallsPerMinute: 0 }],
    [429, 'DeviceEvents', { huntCpuMsPerCycle: 0 }],
    [500, 'DeviceEvents', { huntRunMs: 200_000, huntTimeoutStatus: 500 }],
    [504, 'DeviceEvents', { huntRunMs: 200_000 }],
  ])('%i for %s', async (status, Query, settings) => {
    const answer = await exchange(startHuntLab(settings), { Query });
    expect({ status: answer.status, response: answer.response }).toEqual({ status, response: [] });
  });

  test('403', async () => {
    const answer = await exchange(startHuntLab({}, { roles: [] }), { Query: 'DeviceEvents' });
    expect({ status: answer.status, response: answer.response }).toEqual({ status: 403, response: [] });
  });

  test('what is not in the contract is seen: a member beside the rows', async () => {
    const { response } = await exchange(startHuntLab({ huntRowLimit: 1, huntCutSays: 'exceptions' }), {
      Query: 'DeviceEvents',
    });
    expect(response.join()).toContain('exceptions');
  });
});
