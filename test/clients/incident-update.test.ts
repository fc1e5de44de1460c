import { describe, expect, it } from 'vitest';
import { createGraphIncidentUpdate } from '../../shared/clients/graph-incident-update.ts';
import { createXdrIncidentUpdate } from '../../shared/clients/xdr-incident-update.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import type { IncidentChange } from '../../shared/incidents/change.ts';
import type { Reply } from './fake-wire.ts';
import { failureOf, onWire, TENANT } from './harness.ts';

const GRAPH =
  '{"id":"7","status":"resolved","comments":[],"lastUpdateDateTime":"2026-11-21T12:00:00.1234567Z","x":1.0}';
const XDR = '{"incidentId":7,"status":"Resolved","lastUpdateTime":"2026-11-21T12:00:00.1Z","alerts":[]}';
const COMMENTS = '{"value":[{"comment":"old"},{"comment":"new", "n":1.0}]}';
const REFUSED = { status: 400, body: { error: { code: 'BadRequest', message: 'No such determination.' } } };
const ALL: IncidentChange = {
  fields: {
    status: 'resolved',
    assignedTo: 'anna@contoso.example',
    classification: 'falsePositive',
    determination: 'notMalicious',
    customTags: ['a', 'b'],
  },
  comment: 'seen',
};

function over(family: 'graph' | 'xdr', ...replies: Reply[]) {
  const { clock, wire, transport } = onWire(replies);
  const create = family === 'graph' ? createGraphIncidentUpdate : createXdrIncidentUpdate;
  const updater = create({ transport, cloud: CLOUDS.global });
  const update = (change: IncidentChange, id = '7') =>
    clock.run(updater.update({ tenant: TENANT, id, change }));
  const sent = () => wire.sent.map(({ method, url, body }) => [method, new URL(url).pathname, parsed(body)]);
  return { update, sent };
}

const parsed = (body: unknown): unknown => (body === undefined ? undefined : JSON.parse(String(body)));

describe('an incident of Graph', () => {
  it('gets its fields, then the comment; the answer has all comments, and else is as the service wrote it', async () => {
    const { update, sent } = over('graph', { body: GRAPH }, { body: COMMENTS });
    const incident = await update(ALL);
    expect(incident).toMatchObject({ id: '7', family: 'graph', status: 'resolved' });
    expect(incident?.text).toBe(
      GRAPH.replace('"comments":[]', '"comments":[{"comment":"old"},{"comment":"new", "n":1.0}]'),
    );
    expect(sent()).toEqual([
      ['PATCH', '/v1.0/security/incidents/7', ALL.fields],
      [
        'POST',
        '/v1.0/security/incidents/7/comments',
        { '@odata.type': 'microsoft.graph.security.alertComment', comment: 'seen' },
      ],
    ]);
  });

  it('gets what is named alone, and nobody where nobody is named', async () => {
    const { update, sent } = over('graph', { body: GRAPH });
    await update({ fields: { assignedTo: null } });
    expect(sent()).toEqual([['PATCH', '/v1.0/security/incidents/7', { assignedTo: null }]]);
  });

  it('may get a comment alone', async () => {
    const { update, sent } = over('graph', { body: '{"id":"7"}' }, { body: COMMENTS });
    expect((await update({ fields: {}, comment: 'seen' }))?.text).toContain('"id":"7","comments":[{');
    expect(sent().map(([method]) => method)).toEqual(['GET', 'POST']);
  });

  it('that is changed without an answer in return is read', async () => {
    const { update, sent } = over('graph', { status: 204 }, { body: GRAPH });
    expect(await update({ fields: ALL.fields })).toMatchObject({ id: '7' });
    expect(sent().map(([method]) => method)).toEqual(['PATCH', 'GET']);
  });

  it('is changed again after a fault that leaves open whether it was, but a comment is not sent twice', async () => {
    const again = over('graph', { fault: 'ECONNRESET' }, { body: GRAPH });
    await again.update({ fields: ALL.fields });
    expect(again.sent()).toHaveLength(2);

    const half = over('graph', { body: GRAPH }, { fault: 'ECONNRESET' }, { body: COMMENTS });
    const error = await failureOf(half.update(ALL), 'incident.half_updated');
    expect(error.message).toMatch(
      /has its new status, assignedTo, classification, determination, customTags.*comment .* not known/,
    );
    expect(half.sent()).toHaveLength(2);
  });

  it('whose comment has no place to go is not told as unknown, since its fields are set', async () => {
    const { update } = over('graph', { body: GRAPH }, { status: 404, body: {} });
    const error = await failureOf(update(ALL), 'incident.half_updated');
    expect(error.message).toMatch(/has its new status, .*comment/);

    const alone = over('graph', { body: GRAPH }, { status: 404, body: {} });
    expect(await alone.update({ fields: {}, comment: 'x' })).toBeUndefined();
  });

  it('whose fields are refused gets no comment', async () => {
    const { update, sent } = over('graph', REFUSED, { body: COMMENTS });
    const error = await failureOf(update(ALL), 'incident.update_refused');
    expect(error.facts).toMatchObject({ serviceMessage: 'No such determination.', status: 400 });
    expect(sent()).toHaveLength(1);
  });

  it('whose comment alone is refused is as it was', async () => {
    const { update } = over('graph', { body: GRAPH }, REFUSED);
    await failureOf(update({ fields: {}, comment: 'x' }), 'incident.update_refused');
  });
});

describe('an incident of the Defender XDR API', () => {
  it('gets fields and comment in one call, in the words of its own page', async () => {
    const { update, sent } = over('xdr', { body: XDR });
    expect(await update(ALL)).toMatchObject({ id: '7', family: 'xdr', status: 'resolved', text: XDR });
    expect(sent()).toEqual([
      [
        'PATCH',
        '/api/incidents/7',
        {
          status: 'Resolved',
          assignedTo: 'anna@contoso.example',
          classification: 'FalsePositive',
          determination: 'Clean',
          tags: ['a', 'b'],
          comment: 'seen',
        },
      ],
    ]);
  });

  it.each([
    ['notEnoughDataToValidate', 'NoEnoughDataToValidate'],
    ['compromisedAccount', 'CompromisedAccount'],
    ['multiStagedAttack', 'MultiStagedAttack'],
    ['lineOfBusinessApplication', 'LineOfBusinessApplication'],
  ] as const)('has the determination %s as %s', async (determination, word) => {
    const { update, sent } = over('xdr', { body: XDR });
    await update({ fields: { determination } });
    expect(sent()[0]?.[2]).toEqual({ determination: word });
  });

  it('is not changed twice where a comment goes along', async () => {
    const { update, sent } = over('xdr', { fault: 'ECONNRESET' }, { body: XDR });
    await failureOf(update(ALL), 'upstream.unreachable');
    expect(sent()).toHaveLength(1);
    await update({ fields: { status: 'active' } });
    expect(sent()).toHaveLength(2);
  });

  it('that refuses says why', async () => {
    const error = await failureOf(over('xdr', REFUSED).update(ALL), 'incident.update_refused');
    expect(error.facts.serviceMessage).toBe('No such determination.');
  });
});

describe.each(['graph', 'xdr'] as const)('either family (%s)', (family) => {
  it('knows no such incident', async () => {
    expect(await over(family, { status: 404, body: {} }).update(ALL)).toBeUndefined();
  });

  it('has ids as one segment of the address, whatever they hold', async () => {
    const { update, sent } = over(family, { status: 404, body: {} });
    await update(ALL, '../7?x#y');
    expect(sent()[0]?.[1]).toMatch(/\/incidents\/\.\.%2F7%3Fx%23y$/);
  });
});
