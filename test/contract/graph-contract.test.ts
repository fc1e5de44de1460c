import { beforeAll, describe, expect, test } from 'vitest';
import { type GraphContract, loadGraphContract, type ReceivedResponse } from './graph-contract.ts';

const LIST = 'https://graph.microsoft.com/v1.0/security/incidents';
const PREFER = { Prefer: 'include-unknown-enum-members' };
const SIGNED_IN = { Authorization: 'Bearer x' };

let contract: GraphContract;

beforeAll(async () => {
  contract = await loadGraphContract();
});

const request = (url: string, headers: Record<string, string> = {}) => ({
  method: 'GET',
  url,
  headers: { ...SIGNED_IN, ...headers },
});

const json = (body: unknown, status = 200): ReceivedResponse => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  text: JSON.stringify(body),
});

describe('requests', () => {
  test.each([
    `${LIST}?$top=50&$expand=alerts&$filter=lastUpdateDateTime%20ge%202026-01-01T00:00:00Z`,
    `${LIST}?%24top=50&%24skip=100&%24count=true`,
    `${LIST}?$top=50&$skiptoken=abc`,
    `${LIST}/29?$expand=alerts`,
    `${LIST}/29/alerts?$skip=100`,
    'https://dod-graph.microsoft.us/v1.0/security/alerts_v2?$top=100',
  ])('%s is as documented', (url) => {
    expect(contract.checkRequest(request(url, PREFER))).toEqual([]);
  });

  test.each([
    [`${LIST}?$top=51`, /must be <= 50/],
    [`${LIST}?$expand=comments`, /allowed values/],
    [`${LIST}?$orderby=createdDateTime%20desc`, /orderby/],
    [`${LIST}?$filter=severity%20eq%20'high'`, /percent-encoded/],
    [`${LIST}?top=50`, /"additionalProperty":"top"/],
    ['https://graph.example/v1.0/security/incidents', /not a Graph endpoint/],
    ['http://graph.microsoft.com/v1.0/security/incidents', /not a Graph endpoint/],
    ['https://graph.microsoft.com/v1.0/security/alerts', /no such operation/],
  ])('%s is refused', (url, reason) => {
    expect(contract.checkRequest(request(url)).join('\n')).toMatch(reason);
  });

  test('a request without a token or with another preference is refused', () => {
    expect(contract.checkRequest({ method: 'GET', url: LIST, headers: {} })).toEqual(['no bearer token']);
    expect(contract.checkRequest(request(LIST, { Prefer: 'return=minimal' })).join()).toMatch(/Prefer/);
  });
});

describe('responses', () => {
  const alert = (evidence: object) => ({ value: [{ id: '1', alerts: [{ id: 'a', evidence: [evidence] }] }] });

  test('an unknown member is named with its place', () => {
    const faults = contract.checkResponse(request(LIST), json({ value: [{ id: '1', tags: [] }] }));
    expect(faults.join()).toMatch(/value\/0.*"additionalProperty":"tags"/);
  });

  test('a wrong evidence field gives one error, of its own type', () => {
    const wrong = alert({ '@odata.type': '#microsoft.graph.security.urlEvidence', url: 3 });
    expect(contract.checkResponse(request(LIST), json(wrong))).toEqual([
      expect.stringMatching(/evidence\/0\/url must be string/),
    ]);
  });

  test('a member added later is only right for a client that prefers it', () => {
    const added = alert({
      '@odata.type': '#microsoft.graph.security.urlEvidence',
      remediationStatus: 'active',
    });
    expect(contract.checkResponse(request(LIST, PREFER), json(added))).toEqual([]);
    expect(contract.checkResponse(request(LIST), json(added)).join()).toMatch(/remediationStatus/);
  });

  test('a time that is none, a link with blanks, another status, another type are refused', () => {
    const checked = (response: ReceivedResponse) => contract.checkResponse(request(LIST), response).join();
    expect(checked(json({ value: [{ id: '1', createdDateTime: '2026-13-01T00:00:00Z' }] }))).toMatch(
      /createdDateTime/,
    );
    expect(checked(json({ value: [], '@odata.nextLink': 'https://graph.microsoft.com/a b' }))).toMatch(
      /nextLink/,
    );
    expect(checked(json({ value: [] }, 206))).toMatch(/status 206/);
    expect(checked({ status: 200, headers: { 'content-type': 'text/html' }, text: '{}' })).toMatch(
      /content-type/,
    );
    expect(checked(json({ error: { code: 'x' } }, 404))).toMatch(/message/);
  });
});
