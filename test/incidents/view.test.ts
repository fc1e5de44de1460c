import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incidentSummary, incidentText, versionSummary } from '../../shared/incidents/view.ts';
import { recordWith } from '../support/stored-incidents.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const noMapping = (): never => {
  throw new Error('an incident of Graph needs no mapping');
};
const facts = {
  version: 'v1',
  family: 'graph',
  observedAt: '2026-01-22T12:10:00.0000000Z',
  alertsMissing: false,
};

function show(text: string, shape: 'graph' | 'source', record = recordWith(), redirectedTo?: string): string {
  return incidentText({ record, text, redirectedTo }, TENANT, shape, noMapping);
}

describe('an incident as the service sent it', () => {
  it('is that text and nothing else, for either family', () => {
    for (const family of ['graph', 'xdr'] as const) {
      const text = ' {"a":1.0,\n "b":{}}\r\n';
      expect(show(text, 'source', recordWith({ family }))).toBe(text);
    }
  });
});

describe('an incident in Graph’s shape', () => {
  it('keeps the service’s text up to the added facts', () => {
    const text = '{"id":"1", "n":1.0,"big":9007199254740993,"e":1e400,"twice":1,"twice":2}';
    const shown = show(text, 'graph');
    expect(shown.startsWith(text.slice(0, -1))).toBe(true);
    expect(shown.slice(text.length - 1)).toBe(`,"_outrider":${JSON.stringify(facts)}}`);
  });

  it.each(['{}', '{ }', '\n{\n}\n'])('is sound for %j', (text) => {
    expect(JSON.parse(show(text, 'graph'))).toEqual({ _outrider: facts });
  });

  it('is the incident with the facts added, whatever is in it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (incident, indent) => {
        const text = JSON.stringify(incident, undefined, indent);
        const shown = JSON.parse(show(`${text}\n`, 'graph')) as object;
        expect(shown).toEqual({ ...(JSON.parse(text) as object), _outrider: facts });
      }),
    );
  });

  it('maps what came by the other API, tenant included', () => {
    const record = recordWith({ family: 'xdr' });
    const text = incidentText(
      { record, text: '{"incidentId":7}', redirectedTo: undefined },
      TENANT,
      'graph',
      (sent, tenantId) => ({
        id: String((JSON.parse(sent) as { incidentId: number }).incidentId),
        tenantId,
      }),
    );
    expect(JSON.parse(text)).toEqual({ id: '7', tenantId: TENANT, _outrider: { ...facts, family: 'xdr' } });
  });

  it('says what is missing, gone or merged', () => {
    const notSeenSince = '2026-02-01T00:00:00.0000000Z';
    const record = recordWith({ alerts: -1, notSeenSince });
    expect(JSON.parse(show('{}', 'graph', record, '9'))).toEqual({
      _outrider: { ...facts, alertsMissing: true, notSeenSince, redirectedTo: '9' },
    });
  });
});

describe('a line of a listing', () => {
  it('has Graph’s names, null for what is not set, and the tenant', () => {
    expect(incidentSummary(recordWith(), TENANT)).toEqual({
      id: '1',
      tenantId: TENANT,
      displayName: 'Suspicious sign-in',
      status: 'active',
      severity: 'medium',
      classification: null,
      determination: null,
      assignedTo: null,
      createdDateTime: '2026-01-22T12:09:23.1433333Z',
      lastUpdateDateTime: '2026-01-22T12:09:23.1433333Z',
      incidentWebUrl: null,
      redirectIncidentId: null,
      alertCount: 1,
      _outrider: facts,
    });
  });

  it('does not make zero of alerts that could not be read', () => {
    expect(incidentSummary(recordWith({ alerts: -1 }), TENANT)).toMatchObject({
      alertCount: null,
      _outrider: { alertsMissing: true },
    });
    expect(incidentSummary(recordWith({ alerts: 0 }), TENANT)).toMatchObject({
      alertCount: 0,
      _outrider: { alertsMissing: false },
    });
  });
});

it('a line of the history says which version, from when, by which API, and if it was overtaken', () => {
  const version = { ...recordWith({ alerts: -1, assignedTo: 'ada@contoso.com', at: 7 }), superseded: true };
  expect(versionSummary(version)).toEqual({
    version: 'v1',
    lastUpdateDateTime: '2026-01-22T12:09:23.1433340Z',
    observedAt: facts.observedAt,
    status: 'active',
    severity: 'medium',
    assignedTo: 'ada@contoso.com',
    alertCount: null,
    family: 'graph',
    superseded: true,
  });
});
