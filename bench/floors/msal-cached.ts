import { ConfidentialClientApplication, type INetworkModule } from '@azure/msal-node';

/** msal-node's own cached call: one client, one token, asked for again and again. */
export async function msalCachedCall(): Promise<() => Promise<unknown>> {
  const answer = {
    token_type: 'Bearer',
    expires_in: 3599,
    ext_expires_in: 3599,
    access_token: 'x'.repeat(1500),
  };
  const send = async () => ({ headers: {}, body: answer as never, status: 200 });
  const networkClient = {
    sendGetRequestAsync: send,
    sendPostRequestAsync: send,
  } as unknown as INetworkModule;
  const client = new ConfidentialClientApplication({
    auth: {
      clientId: '11111111-1111-4111-8111-111111111111',
      clientSecret: 'bench',
      authority: 'https://login.microsoftonline.com/22222222-2222-4222-8222-222222222222',
    },
    system: { networkClient },
  });
  const scopes = ['https://graph.microsoft.com/.default'];
  await client.acquireTokenByClientCredential({ scopes });
  return () => client.acquireTokenByClientCredential({ scopes });
}
