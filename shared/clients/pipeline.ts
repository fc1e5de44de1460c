import { globalAgent } from 'node:https';
import {
  agentPolicy,
  createEmptyPipeline,
  decompressResponsePolicy,
  logPolicy,
  type Pipeline,
  proxyPolicy,
  setClientRequestIdPolicy,
  tracingPolicy,
  userAgentPolicy,
} from '@azure/core-rest-pipeline';
import { nodeProxies } from '../node-proxy.ts';

/**
 * The policies of @azure/core-rest-pipeline that a call to a Defender API goes through: proxy settings of the
 * environment, gzip, user agent `outrider/<version>`, a fresh `client-request-id` for each request, tracing, and
 * the library's log with its redaction of headers and query values.
 *
 * Left out: redirects, since a bearer token goes only where it was meant to, and the library's retry policy, which
 * sleeps by the real clock, reads dates in `Retry-After` by the local one, and knows no limit of the whole call;
 * transport.ts retries instead.
 */
export function createDefenderPipeline(version: string): Pipeline {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(nodeProxies() ? agentPolicy(globalAgent) : proxyPolicy());
  pipeline.addPolicy(decompressResponsePolicy());
  pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: `outrider/${version}` }));
  pipeline.addPolicy(setClientRequestIdPolicy('client-request-id'));
  pipeline.addPolicy(tracingPolicy({ userAgentPrefix: `outrider/${version}` }));
  pipeline.addPolicy(logPolicy());
  return pipeline;
}
