import { z } from 'zod';
import { AadstsError } from './aadsts.ts';
import { badClaims } from './user-problems.ts';

/** What a client asks an access token to show, by the parameter `claims`. */
export interface ClaimsRequest {
  /** Authentication contexts that the sign-in must meet: `acrs`. */
  readonly contexts: readonly string[];
  /** What the client can handle: `xms_cc`. */
  readonly capabilities: readonly string[];
}

const claim = z
  .object({ value: z.string().optional(), values: z.array(z.string()).optional() })
  .nullable()
  .optional();
const claimsSchema = z.object({ access_token: z.object({ acrs: claim, xms_cc: claim }).optional() });

/**
 * Reads `claims`: https://learn.microsoft.com/entra/identity-platform/claims-challenge#claims-request
 * @throws AadstsError 90013
 */
export function readClaimsRequest(text: string | null): ClaimsRequest {
  if (text === null || text === '') return { contexts: [], capabilities: [] };
  const { access_token: wanted } = parse(text);
  return { contexts: valuesOf(wanted?.acrs), capabilities: valuesOf(wanted?.xms_cc) };
}

function parse(text: string): z.infer<typeof claimsSchema> {
  try {
    return claimsSchema.parse(JSON.parse(text));
  } catch {
    throw new AadstsError(badClaims());
  }
}

function valuesOf(wanted: z.infer<typeof claim>): readonly string[] {
  return [...(wanted?.values ?? []), ...(wanted?.value === undefined ? [] : [wanted.value])];
}
