import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { refusal, type SentRequest } from './entra-wire.ts';
import { OTHER, TENANT } from './source-fixture.ts';
import { ANNA, API, BERT, createUsers, federationIdentity, signedIn } from './user-fixture.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1763725200"}}}';

test('the documented request is sent, by the API’s own app, to the directory of the user', async () => {
  const { token, wire } = createUsers();
  expect(await token(signedIn(ANNA))).toBe('token-1');
  const [request] = wire.sent;
  expect(request?.url.href).toMatch(`https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`);
  expect(Object.fromEntries(request?.form ?? [])).toMatchObject({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    requested_token_use: 'on_behalf_of',
    client_id: API,
    assertion: `assertion-1-of-${ANNA}`,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: 'assertion-of-the-identity',
  });
  expect(request?.form.get('scope')?.split(' ')).toContain('https://graph.microsoft.com/.default');
  expect(JSON.parse(request?.form.get('claims') ?? '{}')).toMatchObject({
    access_token: { xms_cc: { values: ['cp1'] } },
  });
});

test('fifty calls of one user are one exchange', async () => {
  const { clock, ask, wire } = createUsers();
  const anna = signedIn(ANNA);
  const tokens = await clock.run(Promise.all(Array.from({ length: 50 }, () => ask(anna))));
  expect(new Set(tokens)).toEqual(new Set(['token-1']));
  expect(await ask(anna)).toBe('token-1');
  expect(wire.sent).toHaveLength(1);
});

test('users, sign-ins and resources never share a token', async () => {
  const { clock, ask, wire } = createUsers();
  const wishes = [
    [signedIn(ANNA), 'graph'],
    [signedIn(BERT), 'graph'],
    [signedIn(ANNA, 2), 'graph'],
    [signedIn(ANNA), 'xdr'],
  ] as const;
  const all = () => Promise.all(wishes.map(([assertion, resource]) => ask(assertion, { resource })));
  const tokens = await clock.run(all());
  expect(new Set(tokens).size).toBe(4);
  expect(await clock.run(all())).toEqual(tokens);
  expect(wire.sent.map(({ form }) => form.get('assertion'))).toEqual(
    wishes.map(([assertion]) => assertion.text()),
  );
});

test('users whose tokens look alike do not share either', async () => {
  const { token } = createUsers();
  const same = { text: () => 'assertion' };
  expect(await token(signedIn(ANNA, 1, same))).toBe('token-1');
  expect(await token(signedIn(BERT, 1, same))).toBe('token-2');
});

test('a token is served until half a minute before its end, and not renewed before somebody asks', async () => {
  const { clock, token, wire } = createUsers();
  const anna = signedIn(ANNA, 1, { expiresAt: clock.now() + 10 * 60 * MINUTE });
  await token(anna);
  clock.advance(59 * MINUTE);
  expect(await token(anna)).toBe('token-1');
  expect(wire.sent).toHaveLength(1);
  clock.advance(31 * SECOND);
  expect(wire.sent).toHaveLength(1);
  expect(await token(anna)).toBe('token-2');
});

test('no token is handed out once the assertion has ended, however long it lives itself', async () => {
  const { clock, token, failure, wire } = createUsers();
  const anna = signedIn(ANNA, 1, { expiresAt: clock.now() + 20 * MINUTE });
  expect(await token(anna)).toBe('token-1');
  clock.advance(20 * MINUTE - SECOND);
  expect(await token(anna)).toBe('token-1');
  clock.advance(SECOND);
  expect(await failure(anna)).toMatchObject({ code: 'user.assertion_expired', facts: { tenant: TENANT } });
  expect(wire.sent).toHaveLength(1);
});

test('as many tokens are kept as said, the ones used last', async () => {
  const { token, wire } = createUsers({ maxTokens: 2 });
  await token(signedIn(ANNA));
  await token(signedIn(BERT));
  await token(signedIn(ANNA));
  await token(signedIn('third'));
  expect(await token(signedIn(ANNA))).toBe('token-1');
  expect(wire.sent).toHaveLength(3);
  expect(await token(signedIn(BERT))).toBe('token-4');
});

test('a user is served in the directory that they signed in to alone', async () => {
  const { failure, wire } = createUsers();
  const error = await failure(signedIn(ANNA), { tenant: OTHER });
  expect(error).toMatchObject({ code: 'user.other_tenant', facts: { tenant: OTHER } });
  expect(error.message).toContain(`Sign in to the directory ${OTHER} itself`);
  expect(wire.sent).toEqual([]);
});

test('a tenant that is not listed, or disabled, gets no token in anybody’s name', async () => {
  const { failure, tenants, wire } = createUsers();
  const tenant = tenants.get(TENANT);
  if (tenant) tenants.set(TENANT, { ...tenant, enabled: false });
  expect((await failure(signedIn(ANNA))).code).toBe('tenant.disabled');
  tenants.delete(TENANT);
  expect((await failure(signedIn(ANNA))).code).toBe('tenant.unknown');
  expect(wire.sent).toEqual([]);
});

test('a refused token is replaced once, for all who were refused it; then the user is told', async () => {
  const { clock, ask, token, failure, wire } = createUsers();
  const anna = signedIn(ANNA);
  const refused = await token(anna);
  const again = () => ask(anna, { refused, claims: CLAIMS });
  expect(new Set(await clock.run(Promise.all([again(), again(), again()])))).toEqual(new Set(['token-2']));
  expect(wire.sent).toHaveLength(2);
  expect(JSON.parse(wire.sent[1]?.form.get('claims') ?? '{}')).toMatchObject({
    access_token: { nbf: { essential: true, value: '1763725200' }, xms_cc: { values: ['cp1'] } },
  });
  expect(await failure(anna, { refused: 'token-2', claims: CLAIMS })).toMatchObject({
    code: 'user.interaction_required',
  });
  expect(wire.sent).toHaveLength(2);
  // Who comes late with the first one gets the second.
  expect(await token(anna, { refused })).toBe('token-2');
});

test('what the service asked for is handed on when sign-in itself asks for nothing in particular', async () => {
  const { token, failure, wire } = createUsers();
  const anna = signedIn(ANNA);
  const refused = await token(anna);
  wire.answer(() => refusal(50076, { error: 'interaction_required' }));
  expect(await failure(anna, { refused, claims: CLAIMS })).toMatchObject({
    code: 'user.claims_required',
    message: expect.stringContaining('before Microsoft Graph may be called'),
    facts: { claims: CLAIMS },
  });
});

test('one caller who leaves does not stop the exchange of the others', async () => {
  const { clock, ask, wire } = createUsers();
  let open = () => {};
  const gate = new Promise<void>((done) => {
    open = done;
  });
  wire.answer(async () => void (await gate));
  const leaving = new AbortController();
  const anna = signedIn(ANNA);
  const left = ask(anna, { signal: leaving.signal }).catch((error: unknown) => error);
  const stayed = ask(anna);
  leaving.abort();
  expect(await clock.run(left)).toMatchObject({ code: 'aborted' });
  open();
  expect(await clock.run(stayed)).toBe('token-1');
  expect(wire.sent).toHaveLength(1);
});

test('a throttled sign-in is left alone for as long as it says, for the users concerned', async () => {
  const { clock, token, failure, wire } = createUsers();
  wire.answer(() => refusal(90055, { status: 429, headers: { 'retry-after': '90' } }));
  expect((await failure(signedIn(ANNA))).code).toBe('auth.throttled');
  clock.advance(60 * SECOND);
  expect(await failure(signedIn(ANNA))).toMatchObject({ facts: { retryAfterMs: 30 * SECOND } });
  expect(wire.sent).toHaveLength(1);
  clock.advance(30 * SECOND);
  wire.answer(() => undefined);
  expect(await token(signedIn(ANNA))).toBe('token-1');
});

test('the app proves itself by secret as well, read again when it was replaced', async () => {
  const { clock, token, failure, wire, vault } = createUsers({
    credential: { kind: 'secret', clientId: API, secretName: 'app-secret' },
  });
  wire.answer(({ form }: SentRequest) =>
    form.get('client_secret') === 'secret-value-2'
      ? undefined
      : refusal(7000215, { error: 'invalid_client' }),
  );
  expect((await failure(signedIn(ANNA))).code).toBe('auth.secret_wrong');
  clock.advance(11 * SECOND);
  vault.secrets.set('app-secret', { value: 'secret-value-2', version: '2', contentType: undefined });
  expect(await token(signedIn(ANNA))).toBe('token-1');
});

test('an identity that cannot be had is told with the tenant it strikes', async () => {
  const fault = new OutriderError('auth.managed_identity_unavailable', 'No identity endpoint.');
  const { failure, wire } = createUsers({ federationIdentity: federationIdentity(fault) });
  expect(await failure(signedIn(ANNA))).toMatchObject({
    code: 'auth.managed_identity_unavailable',
    facts: { tenant: TENANT },
  });
  expect(wire.sent).toEqual([]);
});

test.each([
  [65001, 'invalid_grant', 'user.consent_missing', /adminconsent\?client_id=bbbbbbbb/],
  [50105, 'invalid_grant', 'user.not_assigned', /Assign the user/],
  [50013, 'invalid_grant', 'user.assertion_refused', /audience is the Outrider API/],
  [500131, 'invalid_grant', 'user.assertion_refused', /no ID token/],
  [500133, 'invalid_grant', 'user.assertion_expired', /has expired/],
  [53003, 'interaction_required', 'user.access_blocked', /Signing in again does not help/],
  [53000, 'interaction_required', 'user.access_blocked', /Conditional Access/],
  [50057, 'invalid_grant', 'user.access_blocked', /state of the account/],
  [50076, 'interaction_required', 'user.interaction_required', /interactively/],
  [50173, 'invalid_grant', 'user.interaction_required', /interactively/],
  [999999, 'interaction_required', 'user.interaction_required', /interactively/],
  [700016, 'unauthorized_client', 'auth.app_not_in_tenant', /does not know the app bbbbbbbb/],
  [700213, 'invalid_client', 'auth.assertion_refused', /federated credential/],
  [999999, 'invalid_grant', 'auth.refused', /error\?code=999999/],
] as const)('AADSTS%i with %s is %s', async (number, error, code, text) => {
  const { failure, wire } = createUsers();
  wire.answer(() => refusal(number, { error }));
  const failed = await failure(signedIn(ANNA));
  expect(failed).toMatchObject({
    code,
    facts: { tenant: TENANT, status: 400, serviceCode: `AADSTS${number}`, trackingId: expect.any(String) },
  });
  expect(failed.message).toMatch(text);
  expect(inspect(failed, { depth: 9 })).not.toMatch(/SENTENCE|secret-value|assertion-1-of|assertion-of-the/);
});

test.each([50076, 53000])('AADSTS%i with claims is a challenge that is handed on', async (number) => {
  const { failure, wire } = createUsers();
  const plain = refusal(number, { error: 'interaction_required' });
  wire.answer(() =>
    typeof plain === 'object' ? { ...plain, body: { ...(plain.body as object), claims: CLAIMS } } : plain,
  );
  expect(await failure(signedIn(ANNA))).toMatchObject({
    code: 'user.claims_required',
    facts: {
      claims: CLAIMS,
      authorizationUri: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/authorize`,
    },
  });
});
