import type { LabAnswer } from '../service.ts';
import type { FaultRule } from './faults.ts';

const CODES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'RequestTimeout',
  409: 'Conflict',
  412: 'PreconditionFailed',
  413: 'RequestEntityTooLarge',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};
const STORAGE_CODES: Readonly<Record<number, string>> = {
  429: 'ServerBusy',
  500: 'InternalError',
  503: 'ServerBusy',
};
const MESSAGE = 'A fault rule of the lab answers this request.';

/** The answer of a fault rule: its own body, or an error in the form that the service's clients parse. */
export function faultAnswer(service: string, rule: FaultRule & { readonly status: number }): LabAnswer {
  const retryAfter: Record<string, string> =
    rule.retryAfter === undefined ? {} : { 'retry-after': String(rule.retryAfter) };
  if (rule.body !== undefined) return { status: rule.status, headers: retryAfter, body: rule.body };
  if (rule.status < 400) return { status: rule.status, headers: retryAfter };
  const form = errorForm(service, rule.status, rule.code);
  return { status: rule.status, headers: { ...form.headers, ...retryAfter }, body: form.body };
}

function errorForm(
  service: string,
  status: number,
  code: string | undefined,
): { readonly headers?: Record<string, string>; readonly body: string | object } {
  switch (service) {
    case 'entra':
      return { body: { error: code ?? 'temporarily_unavailable', error_description: MESSAGE } };
    case 'blob':
    case 'queue':
      return storageXml(code ?? STORAGE_CODES[status] ?? codeOf(status), MESSAGE);
    case 'table':
      return storageJson(code ?? STORAGE_CODES[status] ?? codeOf(status), MESSAGE);
    default:
      return { body: { error: { code: code ?? codeOf(status), message: MESSAGE } } };
  }
}

function codeOf(status: number): string {
  return CODES[status] ?? 'Error';
}

/** The error body of the blob and queue services. `detail` goes into an element of its own. */
export function storageXml(
  code: string,
  message: string,
  detail?: string,
): { readonly headers: Record<string, string>; readonly body: string } {
  const extra =
    detail === undefined ? '' : `<AuthenticationErrorDetail>${detail}</AuthenticationErrorDetail>`;
  return {
    headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message>${extra}</Error>`,
  };
}

/** The error body of the table service (OData 3). */
export function storageJson(
  code: string,
  message: string,
): { readonly headers: Record<string, string>; readonly body: string } {
  return {
    headers: { 'content-type': 'application/json;odata=minimalmetadata', 'x-ms-error-code': code },
    body: JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: message } } }),
  };
}
