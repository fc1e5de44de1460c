import type { Clock } from '../../shared/clock.ts';

const SLOWER_MS = 5_000;
const DEFAULT_INTERVAL_S = 5;
/** For one of many requests: a device code is good for a quarter of an hour. */
const REQUEST_MS = 30_000;

/**
 * A fetch that waits for the person: the request that turns a device code into tokens is sent again and again, as
 * https://www.rfc-editor.org/rfc/rfc8628#section-3.5 says, until its answer is final. msal's own loop ends at
 * `slow_down`, and sleeps on for seconds after Ctrl-C.
 */
export function createDevicePolling(options: {
  readonly fetch: typeof fetch;
  readonly clock: Pick<Clock, 'sleep'>;
}): typeof fetch {
  let intervalMs = DEFAULT_INTERVAL_S * 1000;

  function send(...[url, init]: Parameters<typeof fetch>): Promise<Response> {
    const limit = AbortSignal.timeout(REQUEST_MS);
    const signal = init?.signal ? AbortSignal.any([limit, init.signal]) : limit;
    return options.fetch(url, { ...init, signal });
  }

  async function poll(...[url, init]: Parameters<typeof fetch>): Promise<Response> {
    const signal = init?.signal ?? undefined;
    for (;;) {
      await options.clock.sleep(intervalMs, signal);
      const response = await send(url, init);
      const error = await errorIn(response);
      if (error === 'slow_down') intervalMs += SLOWER_MS;
      else if (error !== 'authorization_pending') return response;
    }
  }

  return async (url, init) => {
    if (isDeviceGrant(init?.body)) return poll(url, init);
    const response = await send(url, init);
    const interval = (await fieldsOf(response)).interval;
    if (typeof interval === 'number' && interval > 0) intervalMs = interval * 1000;
    return response;
  };
}

function isDeviceGrant(body: unknown): boolean {
  if (typeof body !== 'string') return false;
  const form = new URLSearchParams(body);
  return form.has('device_code') && /device_code$/.test(form.get('grant_type') ?? '');
}

async function errorIn(response: Response): Promise<unknown> {
  return response.ok ? undefined : (await fieldsOf(response)).error;
}

async function fieldsOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.clone().json();
    return typeof body === 'object' && body !== null ? { ...body } : {};
  } catch {
    return {};
  }
}
