import { beforeEach, describe, expect, test } from 'vitest';
import { bodyOf, claimsOf, createExchangeLab, exchange } from './exchange.ts';
import { CUSTOMER, GRAPH, type Lab, tokenRequest, userToken, verdictOf } from './fixture.ts';

const POLICY = '77777777-7777-4777-8777-777777777777';

let lab: Lab;
beforeEach(() => {
  lab = createExchangeLab();
});

describe('conditional access', () => {
  function demand(what: 'block' | 'mfa' | 'register', resource?: string): void {
    const [home] = lab.directory.tenants;
    if (home === undefined) throw new Error('no tenant');
    home.conditionalAccess = [{ id: POLICY, demand: what, ...(resource === undefined ? {} : { resource }) }];
  }

  test('asks for a second factor, unless the user signed in with one', async () => {
    demand('mfa', GRAPH);
    const answer = await exchange(lab);
    expect(verdictOf(answer)).toEqual({ status: 400, error: 'interaction_required', number: 50076 });
    expect(JSON.parse(bodyOf(answer).claims ?? '')).toEqual({
      access_token: { capolids: { essential: true, values: [POLICY] } },
    });
    const assertion = await userToken(lab, { hasSecondFactor: true });
    expect(claimsOf(await exchange(lab, { assertion })).amr).toEqual(['pwd', 'mfa']);
  });

  test('leaves other resources alone', async () => {
    demand('mfa', 'https://api.security.microsoft.com');
    expect((await exchange(lab)).status).toBe(200);
  });

  test('asks to register a second factor, in either form of error', async () => {
    demand('register');
    expect(verdictOf(await exchange(lab))).toEqual({
      status: 400,
      error: 'interaction_required',
      number: 50079,
    });
    lab.entra.settings.interactionError = 'invalid_grant';
    const answer = await exchange(lab);
    expect(verdictOf(answer)).toEqual({ status: 400, error: 'invalid_grant', number: 50079 });
    expect(bodyOf(answer).suberror).toBe('basic_action');
  });

  test('blocks, second factor or not', async () => {
    demand('block');
    const assertion = await userToken(lab, { hasSecondFactor: true });
    const answer = await exchange(lab, { assertion });
    expect(verdictOf(answer)).toEqual({ status: 400, error: 'interaction_required', number: 53003 });
    expect(bodyOf(answer).suberror).toBe('message_only');
  });

  test('blocks an app only by a policy for apps', async () => {
    demand('block');
    expect((await lab.entra.service.handle(tokenRequest({}, { tenant: CUSTOMER }))).status).toBe(200);
    const customer = lab.directory.tenants[1];
    if (customer) customer.conditionalAccess = [{ id: POLICY, demand: 'block', appliesTo: 'apps' }];
    expect(verdictOf(await lab.entra.service.handle(tokenRequest({}, { tenant: CUSTOMER })))).toEqual({
      status: 400,
      error: 'invalid_grant',
      number: 53003,
    });
  });

  test('asks for an authentication context, and passes it on when it is met', async () => {
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } });
    const answer = await exchange(lab, { form: { claims } });
    expect(verdictOf(answer).number).toBe(50076);
    expect(JSON.parse(bodyOf(answer).claims ?? '')).toEqual({
      access_token: { acrs: { essential: true, values: ['c1'] } },
    });
    const assertion = await userToken(lab, { contexts: ['c1'] });
    expect(claimsOf(await exchange(lab, { assertion, form: { claims } })).acrs).toEqual(['c1']);
    expect(verdictOf(await exchange(lab, { form: { claims: '{' } })).number).toBe(90013);
  });

  test('hears what the client can handle', async () => {
    const claims = JSON.stringify({ access_token: { xms_cc: { values: ['cp1'] } } });
    expect(claimsOf(await exchange(lab, { form: { claims } })).xms_cc).toEqual(['cp1']);
  });
});
