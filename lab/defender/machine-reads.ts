import type { LabAnswer, LabCaller, LabRequest } from '../service.ts';
import { ApiFault } from './api-fault.ts';
import { refusalOf } from './caller.ts';

/** Audiences of Defender for Endpoint, which shares a host with the Defender XDR API. */
export const ENDPOINT_AUDIENCES: readonly string[] = [
  'https://api.securitycenter.microsoft.com',
  'https://api-gcc.securitycenter.microsoft.us',
  'https://api-gov.securitycenter.microsoft.us',
];

const MACHINE_READ = ['Machine.Read.All', 'Machine.ReadWrite.All', 'Machine.Read', 'Machine.ReadWrite'];

/** Is the path one of Defender for Endpoint's? */
export function isMachinePath({ url }: LabRequest): boolean {
  return /^\/api\/machines$/i.test(url.pathname);
}

/**
 * `GET /api/machines`: https://learn.microsoft.com/defender-endpoint/api/get-machines. The lab's tenants have no devices
 * of their own: the page says that this is answered with 404.
 *
 * @throws ApiFault
 */
export function listMachines(caller: LabCaller, { method }: LabRequest): LabAnswer {
  const refusal = refusalOf(caller, { permissions: MACHINE_READ, access: 'read' });
  if (refusal?.why === 'licence')
    throw new ApiFault(403, 'Forbidden', 'The tenant has no subscription to Defender for Endpoint.');
  if (refusal !== undefined)
    throw new ApiFault(403, 'Forbidden', `The token must hold one of: ${MACHINE_READ.join(', ')}.`);
  if (method !== 'GET')
    throw new ApiFault(405, 'BadRequest', `${method} is not offered here.`, { allow: 'GET' });
  throw new ApiFault(404, 'ResourceNotFound', 'No recent machines were found.');
}
