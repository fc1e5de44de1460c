import { describe, expect, test } from 'vitest';
import { apiUrlOf } from '../../cli/api/api-url.ts';
import { createOutriderApi } from '../../cli/api/outrider-api.ts';
import { registrationOf } from '../../cli/commands/tenants/add.ts';
import { invitationOf } from '../../cli/commands/tenants/invite.ts';
import { readConfig } from '../../shared/config.ts';

const ID = '11111111-2222-4333-8444-000000000001';
const CLIENT = '11111111-2222-4333-8444-000000000002';
const URL_OF_APP = 'https://outrider.example';

describe('registering', () => {
  test('says what was said, and nothing else', () => {
    const body = registrationOf(ID, { credential: 'certificate', clientId: CLIENT, credentialName: 'c' });
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      tenantId: ID,
      credential: { kind: 'certificate', clientId: CLIENT, certificateName: 'c' },
      state: 'active',
    });
    const held = registrationOf(ID, { credential: 'managedIdentity', legalHold: true, suspended: true });
    expect(held).toMatchObject({ sync: { legalHold: true }, state: 'suspended' });
  });

  test.each([
    ['contoso.onmicrosoft.com', { credential: 'federated', clientId: CLIENT }, /no directory id/],
    ['common', { credential: 'federated', clientId: CLIENT }, /no directory id/],
    [ID, { credential: 'federated' }, /needs --client-id/],
    [ID, { credential: 'secret', clientId: CLIENT }, /needs --credential-name, the name of its secret/],
    [ID, { credential: 'federated', clientId: CLIENT, credentialName: 'x' }, /has no --credential-name/],
  ])('is refused for %s with %j', (id, options, words) => {
    expect(() => registrationOf(id, options)).toThrow(words);
    expect(() => registrationOf(id, options)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

describe('inviting', () => {
  test('needs no tenant, and says what the admin reads', () => {
    const body = invitationOf(undefined, {
      ...{ credential: 'federated', clientId: CLIENT, days: 2 },
      ...{ from: 'Contoso Security', note: 'by phone', group: ['emea'] },
    });
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      credential: { kind: 'federated', clientId: CLIENT },
      ...{ days: 2, from: 'Contoso Security', note: 'by phone', groups: ['emea'] },
    });
  });

  test('names a tenant by its id alone', () => {
    const options = { credential: 'federated', clientId: CLIENT };
    expect(invitationOf(ID, options)).toMatchObject({ tenantId: ID });
    expect(() => invitationOf('contoso.com', options)).toThrow(/no directory id/);
    expect(() => invitationOf(ID, { credential: 'secret', clientId: CLIENT })).toThrow(/--credential-name/);
  });
});

test.each([
  ['https://a.example/', {}, 'https://a.example'],
  ['http://localhost:7071', {}, 'http://localhost:7071'],
  [undefined, { OUTRIDER_API_URL: 'https://b.example' }, 'https://b.example'],
])('the deployment of %s and %j', (wanted, env, url) => {
  expect(apiUrlOf(wanted, readConfig(env))).toBe(url);
});

test.each([
  ['http://outrider.example', {}, /must begin with https/],
  ['outrider', {}, /must begin with https/],
  [undefined, {}, /Say --url .*OUTRIDER_API_URL/],
])('no deployment of %s and %j', (wanted, env, words) => {
  expect(() => apiUrlOf(wanted, readConfig(env))).toThrow(words);
  expect(() => apiUrlOf(wanted, readConfig(env))).toThrow(expect.objectContaining({ exitCode: 2 }));
});

describe('the API', () => {
  const answers = (...all: readonly [body: string, init?: ResponseInit][]) => {
    const sent: { url: string; init: RequestInit | undefined }[] = [];
    const api = createOutriderApi({
      url: URL_OF_APP,
      getToken: async () => 't.o.k',
      fetch: async (url, init) => {
        sent.push({ url: String(url), init });
        const [body = '', more] = all[sent.length - 1] ?? [];
        return new Response(body, more);
      },
    });
    return { api, sent };
  };

  test('is asked with the token, and a listing to its end', async () => {
    const next = JSON.stringify({ value: [1], nextLink: `${URL_OF_APP}/api/tenants?continuationToken=x` });
    const { api, sent } = answers([next], ['{"value":[2]}']);
    expect(await api.items('/api/tenants')).toEqual([1, 2]);
    expect(sent.map(({ url }) => url)).toEqual([
      `${URL_OF_APP}/api/tenants`,
      `${URL_OF_APP}/api/tenants?continuationToken=x`,
    ]);
    expect(sent[0]?.init?.headers).toMatchObject({ authorization: 'Bearer t.o.k' });
    expect(sent[0]?.init?.redirect).toBe('error');
  });

  test.each([
    [new TypeError('terminated', { cause: new Error('other side closed') }), /breaks off.*other side closed/],
    [new DOMException('The operation was aborted due to timeout', 'TimeoutError'), /breaks off.*60 seconds/],
  ])('an answer that breaks off is told as one: %s', async (error, words) => {
    const body = new ReadableStream({
      start: (stream) => stream.enqueue(new TextEncoder().encode('{"value":[')),
      pull: (stream) => stream.error(error),
    });
    const api = createOutriderApi({
      url: URL_OF_APP,
      getToken: async () => 't.o.k',
      fetch: async () => new Response(body),
    });
    const failed: unknown = await api.call('/api/tenants').catch((failure: unknown) => failure);
    expect(failed).toMatchObject({ message: expect.stringMatching(words), exitCode: 1 });
  });

  test('shows the token to no other host', async () => {
    const { api, sent } = answers(['{"value":[],"nextLink":"https://evil.example/api/tenants"}']);
    await expect(api.items('/api/tenants')).rejects.toThrow(/another host, https:\/\/evil\.example/);
    expect(sent).toHaveLength(1);
  });

  test.each([
    [400, '{"detail":"The name is wrong."}', 2, /^The name is wrong\.$/],
    [409, '{"detail":"Held."}', 1, /^Held\.$/],
    [503, '{"detail":"Away.","correlationId":"c-1"}', 1, /^Away\. Correlation id c-1\.$/],
    [500, '{}', 1, /answered 500/],
    [200, '<html>', 1, /is not the Outrider API \(200, no JSON\)/],
  ])('refuses with %d %s', async (status, body, exitCode, words) => {
    const { api } = answers([body, { status }]);
    const refused = api.call('/api/tenants').catch((error: unknown) => error);
    expect(await refused).toMatchObject({ exitCode, message: expect.stringMatching(words) });
  });
});
