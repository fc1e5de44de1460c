import { decodeJwt } from 'jose';
import type { LabAnswer } from '../../../lab/service.ts';
import {
  API,
  API_SECRET,
  accessToken,
  CUSTOMER,
  createLab,
  HOME,
  type Lab,
  tokenRequest,
  userToken,
} from './fixture.ts';

/** A lab whose API is installed at the customer's too. */
export function createExchangeLab(): Lab {
  const lab = createLab();
  lab.api.grants[CUSTOMER] = {};
  return lab;
}

export interface Exchange {
  /** The analyst's token for the API when missing. */
  readonly assertion?: string;
  readonly form?: Readonly<Record<string, string | undefined>>;
  readonly tenant?: string;
}

/** The API asks for a token on behalf of the user whose token it has. */
export async function exchange(
  lab: Lab,
  { assertion, form = {}, tenant = HOME }: Exchange = {},
): Promise<LabAnswer> {
  const fields = {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    requested_token_use: 'on_behalf_of',
    client_id: API,
    client_secret: API_SECRET,
    assertion: assertion ?? (await userToken(lab)),
    ...form,
  };
  return lab.entra.service.handle(tokenRequest(fields, { tenant }));
}

export const claimsOf = (answer: LabAnswer) => decodeJwt(accessToken(answer));
export const bodyOf = (answer: LabAnswer) => answer.body as Record<string, string>;
