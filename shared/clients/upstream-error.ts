import { type ErrorCode, type ErrorFacts, OutriderError } from '../errors.ts';
import type { Resource } from '../tenant.ts';
import type { Call } from './call.ts';
import type { ServiceError } from './service-error.ts';

/** How the services are called in texts for people. */
const SERVICE_NAMES: Readonly<Record<Resource, string>> = {
  graph: 'Microsoft Graph',
  xdr: 'The Defender XDR API',
  mde: 'The Defender for Endpoint API',
};

export const serviceName = (resource: Resource): string => SERVICE_NAMES[resource];

/** What an error text needs to know of a call. */
export type Concern = Pick<Call, 'tenant' | 'resource' | 'purpose'>;

/** The service refused or failed: `status` decides the code, for a followed link 400 and 410 mean that it died. */
export function refusal(
  call: Call,
  status: number,
  error: ServiceError,
  retryAfterMs?: number,
): OutriderError {
  const { code, advice } = verdict(call, status, error);
  const said = error.code ? `${status}, ${error.code}` : `${status}`;
  const quota = status === 429 ? error.quota : undefined;
  return failure(call, code, `answered ${said}`, advice, {
    status,
    ...(error.code === undefined ? {} : { serviceCode: error.code }),
    ...(error.claims === undefined ? {} : { claims: error.claims }),
    ...(error.trackingId === undefined ? {} : { trackingId: error.trackingId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(quota === undefined ? {} : { details: [`${quota} quota`] }),
    ...(call.keepsMessage && error.message !== '' ? { serviceMessage: shown(error.message) } : {}),
  });
}

const MOST_SHOWN = 2_000;

/** A service's words without what could disturb a terminal or a log, and not without end. */
function shown(message: string): string {
  const plain = message.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return plain.length <= MOST_SHOWN ? plain : `${plain.slice(0, MOST_SHOWN)}…`;
}

/** The service could not be reached; `fault` is the system's name of the trouble. */
export function unreachable(call: Call, fault: string): OutriderError {
  return failure(
    call,
    'upstream.unreachable',
    `at ${new URL(call.url).host} could not be reached (${fault})`,
    'Check DNS, firewall and proxy settings; Outrider tries again by itself.',
  );
}

export function timedOut(call: Call): OutriderError {
  return failure(
    call,
    'upstream.timeout',
    'did not answer in time',
    'Outrider tries again by itself; a smaller page may help.',
  );
}

export function tooLarge(call: Call, maxBytes: number): OutriderError {
  return failure(
    call,
    'upstream.too_large',
    `answered with more than ${maxBytes} bytes`,
    'Ask for fewer items at once.',
  );
}

/** The answer came and makes no sense; `why` holds nothing of its content. */
export function unusable(call: Concern, why: string): OutriderError {
  return failure(
    call,
    'upstream.unusable_answer',
    `gave an answer that cannot be used (${why})`,
    'Nothing of that answer was kept. If it stays so, report it to Microsoft.',
  );
}

export function linkRefused(call: Call): OutriderError {
  return failure(
    call,
    'upstream.link_refused',
    `gave a link that does not lead to ${call.origin}`,
    'Outrider sends the token nowhere else, so the link was not followed.',
  );
}

function failure(
  call: Concern,
  code: ErrorCode,
  what: string,
  advice: string,
  facts: ErrorFacts = {},
): OutriderError {
  const text = `${serviceName(call.resource)} ${what} when asked to ${call.purpose} in tenant ${call.tenant}. ${advice}`;
  return new OutriderError(code, text, { tenant: call.tenant, ...facts });
}

function verdict(call: Call, status: number, error: ServiceError): { code: ErrorCode; advice: string } {
  if (call.followsLink && (status === 400 || status === 410)) {
    return {
      code: 'upstream.link_expired',
      advice: 'The link to the next page died; the list is read anew.',
    };
  }
  switch (status) {
    case 401:
      return {
        code: 'upstream.unauthorized',
        advice:
          'A new token was refused too. Check that the app still exists in the tenant and its sign-in works.',
      };
    case 403:
      return { code: 'upstream.forbidden', advice: forbiddenAdvice(call, error) };
    case 404:
      return { code: 'upstream.not_found', advice: 'It is not there, or no longer.' };
    case 429:
      return {
        code: 'upstream.throttled',
        advice: `Its ${error.quota ?? 'request'} quota is used up; wait and try again.`,
      };
    default:
      return status >= 500 || status === 408
        ? {
            code: 'upstream.unavailable',
            advice: 'The fault is with the service; Outrider tries again by itself.',
          }
        : { code: 'upstream.bad_request', advice: 'The request is not one that the service takes.' };
  }
}

function forbiddenAdvice(call: Call, error: ServiceError): string {
  if (error.code?.toLowerCase() === 'insufficient_claims') {
    return "A Conditional Access policy of the tenant keeps the app out; exclude the app's service principal.";
  }
  return (
    `The app needs the application permission ${call.permission} with admin consent in this tenant, and the ` +
    'tenant a licence for the Defender product.'
  );
}
