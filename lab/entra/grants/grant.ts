import type { LabAnswer } from '../../service.ts';
import { AadstsError } from '../aadsts.ts';
import type { SignInCloud } from '../clouds.ts';
import type { DirectoryApp, DirectoryTenant } from '../directory.ts';
import { missingParameter } from '../problems.ts';

/** A request to the token endpoint whose client is known and has proved itself. */
export interface GrantCall {
  readonly form: URLSearchParams;
  readonly tenant: DirectoryTenant;
  readonly cloud: SignInCloud;
  readonly app: DirectoryApp;
  readonly clientProof: '0' | '1' | '2';
}

/** One `grant_type`. @throws AadstsError */
export type Grant = (call: GrantCall) => Promise<LabAnswer>;

/** @throws AadstsError 900144 */
export function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new AadstsError(missingParameter(name));
  return value;
}
