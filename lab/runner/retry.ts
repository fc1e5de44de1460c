import type { RetryOptions } from './worker-contract.ts';

/**
 * How long to wait before the given retry (1 for the first), in milliseconds: the fixed delay, or between
 * minimum and maximum interval, doubling with some randomness.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-strategies
 *
 * @param random as Math.random.
 */
export function retryDelayMs(policy: RetryOptions, retry: number, random: () => number): number {
  if (policy.retryStrategy === 'fixedDelay') return (policy.delayInterval?.seconds ?? 0) * 1000;
  const shortest = (policy.minimumInterval?.seconds ?? 1) * 1000;
  const longest = (policy.maximumInterval?.seconds ?? 60) * 1000;
  return Math.min(longest, shortest * (0.8 + random() * 0.4) * 2 ** (retry - 1));
}
