import { describe, expect, it } from 'vitest';
import { createGraphHunting } from '../../shared/clients/graph-hunting.ts';
import { createGraphIncidents } from '../../shared/clients/graph-incidents.ts';
import { createUserTransport } from '../../shared/clients/user-transport.ts';
import { createXdrIncidents } from '../../shared/clients/xdr-incidents.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import type { GetToken, TokenRequest } from '../../shared/tenant.ts';
import type { Reply } from './fake-wire.ts';
import { failureOf, onWire, TENANT } from './harness.ts';

const API = 'bbbbbbbb-0000-4000-8000-00000000000b';
const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1763725200"}}}';
const challenge = (claims: string) =>
  `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;
const FORBIDDEN = { status: 403, body: { error: { code: 'Forbidden', message: 'no' } } };

/** Clients in a user's name on a wire that answers as told. */
function asUser(replies: readonly Reply[], { scopes = ['SecurityIncident.Read.All'] } = {}) {
  const asked: TokenRequest[] = [];
  const getToken: GetToken = async (request) => {
    asked.push(request);
    return `token-${asked.length}`;
  };
  const { clock, wire, transport: plain } = onWire(replies, { getToken });
  const cloud = CLOUDS.global;
  const facts = { getToken, scopesOf: () => scopes, cloud, user: 'anna', clientId: API };
  const transport = createUserTransport({ transport: plain, ...facts });
  const graph = createGraphIncidents({ transport, cloud });
  const xdr = createXdrIncidents({ transport, cloud });
  const hunting = createGraphHunting({ transport, cloud, clock });
  return {
    asked,
    wire,
    read: () => clock.run(graph.incident({ tenant: TENANT, id: '7' })),
    readXdr: () => clock.run(xdr.incident({ tenant: TENANT, id: '7' })),
    hunt: () => clock.run(hunting.run({ tenant: TENANT, text: 'T' })),
  };
}

describe('a claims challenge of the service', () => {
  it('goes into one new exchange', async () => {
    const { read, asked } = asUser([
      { status: 401, headers: { 'www-authenticate': challenge(CLAIMS) }, body: {} },
      { body: '{"id":"7"}' },
    ]);
    await read();
    expect(asked).toEqual([
      expect.objectContaining({ refused: undefined, claims: undefined }),
      expect.objectContaining({ refused: 'token-1', claims: CLAIMS }),
    ]);
  });

  it('that stands is the user’s to answer, by the claims and where to sign in', async () => {
    const { read, hunt } = asUser([
      { status: 401, headers: { 'www-authenticate': challenge(CLAIMS) }, body: {} },
    ]);
    for (const work of [read, hunt]) {
      const error = await failureOf(work(), 'user.claims_required');
      expect(error.facts).toMatchObject({
        tenant: TENANT,
        claims: CLAIMS,
        authorizationUri: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/authorize`,
      });
    }
  });

  it.each([
    ['of another error', challenge(CLAIMS).replace('insufficient_claims', 'invalid_token')],
    ['without claims', 'Bearer error="insufficient_claims"'],
    ['with claims that are no object', challenge('"x"')],
    ['with claims that are no JSON', challenge('{')],
    ['with claims without end', challenge(JSON.stringify({ x: 'y'.repeat(5_000) }))],
  ])('%s is a refusal without more', async (_name, header) => {
    const { read } = asUser([{ status: 401, headers: { 'www-authenticate': header }, body: {} }]);
    const error = await failureOf(read(), 'user.interaction_required');
    expect(error.facts.claims).toBeUndefined();
  });
});

describe('a refusal of a user', () => {
  it('who has the scope is for want of a role', async () => {
    const error = await failureOf(asUser([FORBIDDEN]).read(), 'user.role_missing');
    expect(error.message).toMatch(
      /does not let the user anna read incidents .*lacks a role in Microsoft Defender/,
    );
    expect(error.facts.status).toBe(403);
  });

  it('whose token lacks the scope is for want of consent, and says where to give it', async () => {
    const error = await failureOf(
      asUser([FORBIDDEN], { scopes: ['User.Read'] }).read(),
      'user.consent_missing',
    );
    expect(error.message).toContain(`${TENANT}/adminconsent?client_id=${API}`);
    expect(error.message).toContain('delegated permission SecurityIncident.Read.All');
  });

  it('of the Defender XDR API names its own scope', async () => {
    const error = await failureOf(asUser([FORBIDDEN]).readXdr(), 'user.consent_missing');
    expect(error.message).toContain('delegated permission Incident.Read.');
    await failureOf(asUser([FORBIDDEN], { scopes: ['Incident.Read'] }).readXdr(), 'user.role_missing');
  });

  it('for Conditional Access is told from both', async () => {
    const blocked = { status: 403, body: { error: { code: 'insufficient_claims', message: 'no' } } };
    await failureOf(asUser([blocked]).read(), 'user.access_blocked');
  });

  it('leaves all other trouble as it is', async () => {
    await failureOf(asUser([{ status: 400, body: {} }]).read(), 'upstream.bad_request');
    await failureOf(
      asUser([{ status: 400, body: { error: { message: 'no such table' } } }]).hunt(),
      'hunt.query_refused',
    );
  });
});
