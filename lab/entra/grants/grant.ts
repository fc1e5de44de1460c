import type { LabAnswer } from '../../service.ts';
import { AadstsError } from '../aadsts.ts';
import type { SignInCloud } from '../clouds.ts';
import type { DirectoryApp, DirectoryTenant } from '../directory.ts';
import { noTenant } from '../flow-problems.ts';
import { missingParameter } from '../problems.ts';

/** A request to the token endpoint whose client is known and has proved itself. */
export interface GrantCall {
  readonly form: URLSearchParams;
  /** Undefined: `organizations` or `common`, where the user says which. */
  readonly tenant: DirectoryTenant | undefined;
  readonly cloud: SignInCloud;
  readonly app: DirectoryApp;
  readonly clientProof: '0' | '1' | '2';
}

/** One `grant_type`. */
export interface Grant {
  /** Whether a person takes part, so that a public client may use it. */
  readonly forPerson: boolean;
  /** @throws AadstsError */
  answer(call: GrantCall): Promise<LabAnswer>;
}

/** @throws AadstsError 900144 */
export function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new AadstsError(missingParameter(name));
  return value;
}

/** @throws AadstsError 50059 */
export function namedTenant({ tenant }: GrantCall): DirectoryTenant {
  if (tenant === undefined) throw new AadstsError(noTenant());
  return tenant;
}
