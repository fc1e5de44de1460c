import { describe, expect, it } from 'vitest';
import type { LabCaller } from '../../../lab/service.ts';
import { person, startLab, TENANT } from './support.ts';

const WRITE = ['SecurityIncident.ReadWrite.All', 'Incident.ReadWrite.All', 'Incident.ReadWrite'];
const USER: Partial<LabCaller> = { roles: [], scopes: WRITE, user: person('write') };

function startWith(caller: Partial<LabCaller> = { roles: WRITE }) {
  const lab = startLab({}, { caller });
  const { id } = lab.defender.tenant(TENANT).createIncident({ status: 'active', customTags: ['old'] });
  return {
    ...lab,
    id,
    incident: () => lab.defender.tenant(TENANT).get(id),
    graph: `https://graph.microsoft.com/v1.0/security/incidents/${id}`,
    xdr: `https://api.security.microsoft.com/api/incidents/${id}`,
  };
}

describe('Graph', () => {
  it('changes what is sent alone, and answers with the whole incident, later than before', async () => {
    const { send, graph, incident, clock } = startWith();
    const before = incident();
    clock.forward(1_000);
    const { status, json } = await send('PATCH', graph, {
      classification: 'TruePositive',
      determination: 'malware',
    });
    expect(status).toBe(200);
    expect(json()).toMatchObject({
      classification: 'truePositive',
      determination: 'malware',
      status: 'active',
      customTags: ['old'],
      lastModifiedBy: 'API-App:app-1',
    });
    expect(json()).not.toHaveProperty('alerts');
    expect(String(json().lastUpdateDateTime) > String(before?.lastUpdateDateTime)).toBe(true);
    expect(incident()).toMatchObject({ classification: 'truePositive', customTags: ['old'] });
  });

  it('adds comments in the name of who asks, and answers with all of them', async () => {
    const { send, graph } = startWith(USER);
    await send('POST', `${graph}/comments`, { comment: 'one' });
    const type = 'microsoft.graph.security.alertComment';
    const { status, json } = await send('POST', `${graph}/comments`, { '@odata.type': type, comment: 'two' });
    expect(status).toBe(200);
    expect(json().value).toMatchObject([
      { comment: 'one', createdByDisplayName: 'ana@x.example' },
      { comment: 'two', createdByDisplayName: 'ana@x.example' },
    ]);
  });

  it.each<[string, object | string, RegExp]>([
    ['a word that there is not', { status: 'closed' }, /value of the property 'status'/],
    ['another type', { customTags: 'x' }, /value of the property 'customTags'/],
    ['a property that cannot be changed', { tenantId: 'x' }, /property 'tenantId' does not exist/],
    ['no JSON', '{', /Unable to read JSON/],
    ['no object', '[]', /Unable to read JSON/],
  ])('refuses %s, and changes nothing', async (_name, body, message) => {
    const { send, graph, incident } = startWith();
    const before = incident();
    const { status, text } = await send('PATCH', graph, body);
    expect(status).toBe(400);
    expect(text).toMatch(message);
    expect(incident()).toEqual(before);
  });
});

describe('the Defender XDR API', () => {
  it('changes fields and adds the comment in one, in its own words', async () => {
    const { send, xdr, incident } = startWith(USER);
    const body = {
      status: 'Resolved',
      determination: 'Clean',
      tags: ['a'],
      assignedTo: null,
      comment: 'done',
    };
    const { status, json } = await send('PATCH', xdr, body);
    expect(status).toBe(200);
    expect(json()).toMatchObject({
      status: 'Resolved',
      determination: 'Clean',
      tags: ['a'],
      assignedTo: null,
    });
    expect(incident()).toMatchObject({
      status: 'resolved',
      determination: 'notMalicious',
      comments: [{ comment: 'done', createdByDisplayName: 'ana@x.example' }],
    });
  });

  it.each([{ determination: 'notMalicious' }, { severity: 'High' }, { comment: 1 }])(
    'refuses %j, and changes nothing',
    async (body) => {
      const { send, xdr, incident } = startWith();
      const before = incident();
      expect((await send('PATCH', xdr, body)).status).toBe(400);
      expect(incident()).toEqual(before);
    },
  );
});

describe('either', () => {
  it.each<[string, Partial<LabCaller>, number]>([
    ['an app with the permission to write', { roles: WRITE }, 200],
    ['an app that may only read', { roles: ['SecurityIncident.Read.All', 'Incident.Read.All'] }, 403],
    ['a user whose role in Defender is to write', USER, 200],
    ['a user whose role is to read', { ...USER, user: person('read') }, 403],
    ['a user without the scope', { ...USER, scopes: ['SecurityIncident.Read.All', 'Incident.Read'] }, 403],
  ])('lets %s: %s', async (_name, caller, status) => {
    const { send, graph, xdr } = startWith(caller);
    expect((await send('PATCH', graph, { status: 'inProgress' })).status).toBe(status);
    expect((await send('POST', `${graph}/comments`, { comment: 'x' })).status).toBe(status);
    expect((await send('PATCH', xdr, { status: 'InProgress' })).status).toBe(status);
  });

  it('does not know what is not there', async () => {
    const { send, graph, xdr } = startWith();
    for (const url of [`${graph}9`, `${xdr}9`]) {
      expect((await send('PATCH', url, {})).status).toBe(404);
    }
    expect((await send('POST', `${graph}9/comments`, { comment: 'x' })).status).toBe(404);
  });
});
