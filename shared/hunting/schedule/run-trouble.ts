import { type ErrorCode, isOutriderError, OutriderError } from '../../errors.ts';
import type { HuntRun, Truncation } from '../run/types.ts';

const TRUNCATED: Readonly<Record<Truncation['reason'], ErrorCode>> = {
  rows: 'hunt.result_too_large',
  bytes: 'hunt.result_too_large',
  maxRows: 'hunt.result_too_large',
  time: 'hunt.time_limit',
  resources: 'hunt.resources_exceeded',
  service: 'hunt.resources_exceeded',
};

/** Why the run is not the whole answer, if so. Somebody who cancels a run knows. */
export function troubleOf({ state, failure, truncation, tenant }: HuntRun): OutriderError | undefined {
  if (state === 'failed') {
    return new OutriderError(failure?.code ?? 'internal', failure?.text ?? 'The run failed.', { tenant });
  }
  if (state !== 'truncated') return undefined;
  const text = truncation ? `${truncation.text} ${truncation.advice}` : 'The answer is not whole.';
  const code = truncation ? TRUNCATED[truncation.reason] : 'hunt.result_too_large';
  return new OutriderError(
    code,
    `${text} What it has was stored; the next run looks at the same span again.`,
    {
      tenant,
    },
  );
}

/** Another try would end the same way: the state says it, and the next due time tries again. */
export function isForGood(error: unknown): error is OutriderError {
  if (!isOutriderError(error) || error.code === 'hunt.fenced') return false;
  return (
    /^(hunt|tenant)\./.test(error.code) || ['storage.unreadable', 'request.not_found'].includes(error.code)
  );
}
