import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { xdrToGraph } from '../../shared/clients/xdr-to-graph.ts';
import { type GraphContract, loadGraphContract } from '../contract/graph-contract.ts';

const PLACE = { tenantId: 'cfcdbe43-297b-4c6b-ac7e-8d7f6befb514', portal: 'https://security.microsoft.com' };
const SAMPLES = new URL('samples/', import.meta.url);

type Json = Record<string, unknown>;

let contract: GraphContract;
beforeAll(async () => {
  contract = await loadGraphContract();
});

/** What the strict contract says against the incident as an answer of Graph. */
function faults(incident: unknown): string[] {
  const request = {
    method: 'GET',
    url: 'https://graph.microsoft.com/v1.0/security/incidents/1',
    headers: { prefer: 'include-unknown-enum-members' },
  };
  const headers = { 'content-type': 'application/json' };
  return contract.checkResponse(request, { status: 200, headers, text: JSON.stringify(incident) });
}

const sample = (name: string): Json => JSON.parse(readFileSync(new URL(name, SAMPLES), 'utf8'));

/**
 * Fields that the hand-made samples fill in although the source says nothing of them. We say so instead: null where
 * the schema allows it, `unknown` where it wants a word.
 */
const NOT_SAID: Readonly<Record<string, unknown>> = {
  verdict: 'unknown',
  antiSpamDirection: null,
  urlCount: null,
  attachmentsCount: null,
  onboardingStatus: null,
  detectionStatus: null,
};

function withoutGuesses(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutGuesses);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key in NOT_SAID ? NOT_SAID[key] : withoutGuesses(member),
    ]),
  );
}

describe('the published samples', () => {
  const numbers = readdirSync(SAMPLES)
    .filter((name) => name.startsWith('xdr-'))
    .map((name) => name.slice('xdr-'.length));

  it('are all there', () => expect(numbers).toHaveLength(3));

  it.each(numbers)('xdr-%s becomes its Graph shape, less what the source does not say', (number) => {
    const converted = xdrToGraph(sample(`xdr-${number}`), PLACE);
    expect(converted).toEqual(withoutGuesses(sample(`graph-${number}`)));
    expect(faults(converted)).toEqual([]);
  });
});

describe('an incident of the Defender XDR API', () => {
  const entity = (entityType: string, columns: Json = {}): Json => ({ entityType, ...columns });
  const withEntities = (...entities: readonly unknown[]): Json => ({
    incidentId: 1,
    alerts: [{ alertId: 'a', creationTime: '2026-01-01T00:00:00Z', entities }],
  });
  const alertOf = (incident: unknown): Json =>
    (xdrToGraph(incident, PLACE).alerts as readonly Json[])[0] ?? {};

  it.each([
    ['User', 'userEvidence', { userAccount: { azureAdUserId: 'u', accountName: null } }],
    ['Ip', 'ipEvidence', { ipAddress: '1.2.3.4' }],
    ['Url', 'urlEvidence', { url: 'https://a' }],
    ['File', 'fileEvidence', { mdeDeviceId: 'd', fileDetails: { sha1: 's', fileName: 'f' } }],
    [
      'Process',
      'processEvidence',
      {
        processId: 7,
        processCommandLine: 'c',
        imageFile: { fileName: 'f' },
        userAccount: { azureAdUserId: 'u' },
      },
    ],
    ['MailBox', 'mailboxEvidence', { primaryAddress: 'm@a' }],
    ['MailMessage', 'analyzedMessageEvidence', { p2Sender: { emailAddress: 's@b.c', domainName: 'b.c' } }],
    ['MailCluster', 'mailClusterEvidence', { clusterBy: 'x' }],
    ['Registry', 'registryValueEvidence', { registryHive: 'h', registryValue: 'v' }],
    ['SecurityGroup', 'securityGroupEvidence', { securityGroupId: 'g', displayName: 'n' }],
  ])('has %s as %s', (type, evidence, expected) => {
    const incident = withEntities(
      entity(type, {
        ...{
          aadUserId: 'u',
          ipAddress: '1.2.3.4',
          url: 'https://a',
          sha1: 's',
          fileName: 'f',
          deviceId: 'd',
        },
        ...{ processId: 7, processCommandLine: 'c', mailboxAddress: 'm@a', sender: 's@b.c', clusterBy: 'x' },
        ...{ registryHive: 'h', registryValue: 'v', securityGroupId: 'g', securityGroupName: 'n' },
      }),
    );
    expect(alertOf(incident)).toMatchObject({
      evidence: [{ '@odata.type': `#microsoft.graph.security.${evidence}`, ...expected }],
      additionalData: {},
    });
    expect(faults(xdrToGraph(incident, PLACE))).toEqual([]);
  });

  it('has a registry key without a value as a key, and a process without a user without one', () => {
    const incident = withEntities(
      entity('Registry', { registryKey: 'k' }),
      entity('Process', { processId: 1 }),
    );
    expect(alertOf(incident).evidence).toMatchObject([
      { '@odata.type': '#microsoft.graph.security.registryKeyEvidence', registryKey: 'k' },
      { '@odata.type': '#microsoft.graph.security.processEvidence', userAccount: null },
    ]);
  });

  it('keeps entities of a kind that nobody documented', () => {
    const novel = entity('CloudThing', { arn: 'x' });
    const incident = withEntities(novel, entity('Ip', { ipAddress: '1.2.3.4' }), entity('constructor'));
    expect(alertOf(incident)).toMatchObject({
      evidence: [{ ipAddress: '1.2.3.4' }],
      additionalData: { unmappedEntities: [novel, entity('constructor')] },
    });
    expect(faults(xdrToGraph(incident, PLACE))).toEqual([]);
  });

  it('takes verdicts and times of evidence where an answer has them', () => {
    const said = {
      verdict: 'Malicious',
      remediationStatus: 'Remediated',
      evidenceCreationTime: '2026-02-02T00:00:00Z',
    };
    expect(alertOf(withEntities(entity('Ip', said))).evidence).toMatchObject([
      { verdict: 'malicious', remediationStatus: 'remediated', createdDateTime: '2026-02-02T00:00:00Z' },
    ]);
  });

  it.each([
    ['severity', 'UnSpecified', 'unknown'],
    ['severity', 'Extreme', 'unknownFutureValue'],
    ['status', 'Redirected', 'redirected'],
    ['status', 'InProgress', 'inProgress'],
    ['classification', 'InformationalExpectedActivity', 'informationalExpectedActivity'],
    ['classification', null, null],
    ['determination', 'NoEnoughDataToValidate', 'notEnoughDataToValidate'],
    ['determination', 'ConfirmedUserActivity', 'confirmedActivity'],
    ['determination', 'Clean', 'notMalicious'],
  ])('has for %s %s the word %s', (field, word, expected) => {
    expect(xdrToGraph({ incidentId: 1, [field]: word }, PLACE)[field]).toBe(expected);
  });

  it('is known by the id it is told, which a parsed number may have lost', () => {
    const incident = JSON.parse('{"incidentId":9223372036854775807}');
    const converted = xdrToGraph(incident, { ...PLACE, id: '9223372036854775807' });
    expect(converted.id).toBe('9223372036854775807');
    expect(converted.incidentWebUrl).toContain('/9223372036854775807/');
  });

  it('must be one', () => {
    for (const other of [null, 7, [], {}, { incidentId: null }]) {
      expect(() => xdrToGraph(other, PLACE)).toThrow(
        expect.objectContaining({ code: 'upstream.unusable_answer' }),
      );
    }
  });

  it('is valid in the strict contract whatever its fields hold', () => {
    const fields = Object.keys(sample('xdr-924521.json'));
    const { devices, entities, ...alertFields } = (sample('xdr-924521.json').alerts as Json[])[0] ?? {};
    const any = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom('Active', '2026-01-01T00:00:00Z', 2 ** 31),
    );
    const mess = (keys: readonly string[]) =>
      fc.record(Object.fromEntries(keys.map((key) => [key, any])), { requiredKeys: [] });
    const columns = (list: unknown): string[] => Object.keys((list as Json[])[0] ?? {});
    const types = fc.constantFrom('User', 'File', 'Process', 'MailMessage', 'Registry', 'Other');
    const alert = fc
      .tuple(mess(Object.keys(alertFields)), mess(columns(devices)), mess(columns(entities)), types)
      .map(([own, device, columns_, entityType]) => ({
        ...own,
        devices: [device, 7],
        entities: [{ ...columns_, entityType }, null],
      }));
    fc.assert(
      fc.property(mess(fields), alert, (own, one) => {
        expect(faults(xdrToGraph({ ...own, incidentId: 5, alerts: [one, 'x'] }, PLACE))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
