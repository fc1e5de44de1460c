import { expect, test } from 'vitest';
import type { Exchange } from '../../shared/auth/exchange.ts';
import { createSignInNetwork } from '../../shared/auth/sign-in-network.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import { createEntraWire } from './entra-wire.ts';

function fixture() {
  const clock = createJumpingClock();
  const wire = createEntraWire();
  const network = createSignInNetwork({
    fetch: wire.fetch,
    clock,
    timeoutMs: 15_000,
    origin: 'https://login.microsoftonline.com',
  });
  const exchange: Exchange = { signal: new AbortController().signal, answer: undefined };
  const post = (url: string) =>
    clock.run(
      network.run(exchange, () => network.client.sendPostRequestAsync(url, { body: 'client_secret=x' })),
    );
  return { exchange, network, post, wire };
}

test.each([
  'https://login.microsoftonline.com.evil.example/t/oauth2/v2.0/token',
  'https://evil.example/t/oauth2/v2.0/token',
  'https://login.microsoftonline.com:8443/t/oauth2/v2.0/token',
  'http://login.microsoftonline.com/t/oauth2/v2.0/token',
  'token',
])('sends nothing to %s', async (url) => {
  const { post, wire } = fixture();
  await expect(post(url)).rejects.toThrow();
  expect(wire.sent).toHaveLength(0);
});

test('hands msal no header and no status that would make it hold back', async () => {
  const { exchange, post, wire } = fixture();
  wire.answer(() => ({
    status: 201,
    body: { access_token: 'a' },
    headers: { 'retry-after': '9', 'x-ms-a': 'b' },
  }));
  const url = 'https://login.microsoftonline.com/t/oauth2/v2.0/token';
  expect(await post(url)).toEqual({ status: 200, headers: {}, body: { access_token: 'a' } });
  expect(exchange.answer).toMatchObject({ status: 201 });
});

test('a request that belongs to no sign-in is not sent', async () => {
  const { network, wire } = fixture();
  await expect(network.client.sendGetRequestAsync('https://login.microsoftonline.com/t')).rejects.toThrow();
  expect(wire.sent).toHaveLength(0);
});
