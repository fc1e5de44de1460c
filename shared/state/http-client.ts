import { globalAgent } from 'node:https';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import type { RequestPolicyFactory } from '@azure/storage-blob';
import { nodeProxies } from '../node-proxy.ts';

/**
 * What the table client sends with: the library's own client, which keeps connections alive; by Node's agent where
 * Node does the proxying, since with the library's proxy agent it would not.
 */
export function createTableHttpClient(): HttpClient {
  const client = createDefaultHttpClient();
  if (!nodeProxies()) return client;
  return {
    sendRequest(request) {
      request.agent = globalAgent;
      return client.sendRequest(request);
    },
  };
}

/**
 * The same for the blob and queue clients, which take policies of an older form only.
 */
export function agentFactories(): RequestPolicyFactory[] {
  if (!nodeProxies()) return [];
  return [
    {
      create: (next) => ({
        sendRequest(request) {
          request.agent = globalAgent;
          return next.sendRequest(request);
        },
      }),
    },
  ];
}
