import { APIS } from '../apis.ts';
import type { Cloud } from '../clouds.ts';
import { type OutriderError, toOutriderError } from '../errors.ts';
import type { Capability, Permission } from '../permissions.ts';
import type { Tenant } from '../tenant.ts';
import { type CapabilityNeeds, isOffered } from './needs.ts';
import { nextStep, type StepContext } from './next-step.ts';
import type { PreflightPorts, TokenFacts } from './ports.ts';
import type { CapabilityCheck, Evidence, PermissionCheck } from './preflight.ts';
import { isTelling, stateOfError } from './state-of-error.ts';
import type { PreflightState } from './states.ts';

/** What came of asking for a token. */
export type TokenOutcome =
  | { readonly ok: true; readonly facts: TokenFacts }
  | { readonly ok: false; readonly error: OutriderError };

export interface CapabilityQuestion {
  readonly tenant: Tenant;
  readonly cloud: Cloud;
  readonly needs: CapabilityNeeds;
  readonly token: TokenOutcome;
  readonly ports: Pick<PreflightPorts, 'call' | 'otherCloud'>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a tenant stands to one capability, told by evidence: whether there is a token, what it says, and only then one
 * harmless call.
 *
 * @throws OutriderError for trouble that is not the tenant's
 */
export async function checkCapability(question: CapabilityQuestion): Promise<CapabilityCheck> {
  const { cloud, needs, token } = question;
  if (!isOffered(needs.capability, cloud.name)) return notOffered(question);
  if (!token.ok) return failed(question, token.error, 'signIn');
  const missing = missingOf(needs.needed, token.facts);
  if (missing.length > 0) return withoutPermission(question, token.facts, missing);
  try {
    const { status, asked } = await question.ports.call(question.tenant, needs.capability, question.signal);
    const text = `${APIS[needs.resource].name} answered ${status} to ${asked}.`;
    return check(question, 'ok', { by: 'call', text, status });
  } catch (error) {
    return failed(question, toOutriderError(error), 'call');
  }
}

/** Of each permission that the token lacks, the least that would do. */
function missingOf(permissions: readonly Permission[], facts: TokenFacts): readonly string[] {
  const lacking = permissions.filter((permission) => !isHeld(permission, facts));
  return [...new Set(lacking.map((permission) => leastOf(permission, facts)))];
}

const enoughFor = ({ roles, scopes }: Permission, { kind }: TokenFacts): readonly string[] =>
  kind === 'app' ? roles : scopes;
const isHeld = (permission: Permission, facts: TokenFacts): boolean =>
  facts.held === undefined || enoughFor(permission, facts).some((name) => facts.held?.includes(name));
const leastOf = (permission: Permission, facts: TokenFacts): string => enoughFor(permission, facts)[0] ?? '';

/** A token without any role of the API: nobody has consented there. With others, this one was left out. */
function withoutPermission(
  question: CapabilityQuestion,
  facts: TokenFacts,
  missing: readonly string[],
): CapabilityCheck {
  const { kind, held = [] } = facts;
  const state = kind === 'app' && held.length > 0 ? 'roleMissing' : 'notConsented';
  const what = kind === 'app' ? 'roles' : 'scopes';
  const has = held.length === 0 ? `no ${what}` : `the ${what} ${held.join(', ')}`;
  const text = `The token for ${APIS[question.needs.resource].name} has ${has}.`;
  return check(question, state, { by: 'claims', text }, { missing });
}

async function failed(
  question: CapabilityQuestion,
  error: OutriderError,
  by: 'signIn' | 'call',
): Promise<CapabilityCheck> {
  if (!isTelling(error)) throw error;
  const kind = kindOf(question.token);
  const state =
    isBlind(question.token) && error.code === 'upstream.forbidden'
      ? 'roleMissing'
      : stateOfError(error, kind);
  const otherCloud = mayBeElsewhere(state, by)
    ? await question.ports.otherCloud(question.tenant, question.signal).catch(() => undefined)
    : undefined;
  return check(
    question,
    otherCloud === undefined ? state : 'wrongCloud',
    evidenceOf(error, by, question, state),
    {
      error,
      otherCloud,
    },
  );
}

/** Tenants of GCC sign in at the same host as all others, and get nothing but refusals from the wrong API. */
function mayBeElsewhere(state: PreflightState, by: 'signIn' | 'call'): boolean {
  return (
    by === 'call' && (state === 'withoutLicence' || state === 'credentialWrong' || state === 'unreachable')
  );
}

function evidenceOf(
  { code, facts: { status, serviceCode, trackingId } }: OutriderError,
  by: 'signIn' | 'call',
  { needs }: CapabilityQuestion,
  state: PreflightState,
): Evidence {
  const unanswered = state === 'throttled' ? 'has not answered: a quota is used up' : 'gave no answer';
  const who = by === 'signIn' ? 'Sign-in' : APIS[needs.resource].name;
  const said = [status, serviceCode].filter((part) => part !== undefined).join(', ');
  const text = said === '' ? `${who} ${unanswered} (${code}).` : `${who} answered ${said}.`;
  return { by, text, code, status, serviceCode, trackingId };
}

function notOffered(question: CapabilityQuestion): CapabilityCheck {
  const text = `Microsoft's documents offer no ${question.needs.capability} in the cloud ${question.cloud.name}.`;
  return check(question, 'wrongCloud', { by: 'rule', text });
}

function check(
  question: CapabilityQuestion,
  state: PreflightState,
  seen: Evidence,
  more: Partial<Pick<StepContext, 'missing' | 'error' | 'otherCloud'>> = {},
): CapabilityCheck {
  const { tenant, cloud, needs, token } = question;
  const { capability, resource } = needs;
  const context = {
    ...{ tenant, cloud, capability, resource, missing: [], ...more },
    kind: kindOf(token),
    clientId: clientIdOf(tenant, token),
  };
  const next = state === 'ok' ? undefined : nextStep(state, context);
  return { capability, resource, state, seen, next, permissions: permissionsOf(needs, token) };
}

function permissionsOf({ needed, more }: CapabilityNeeds, token: TokenOutcome): readonly PermissionCheck[] {
  if (!token.ok || isBlind(token)) return [];
  return [...needed, ...more].map((permission) => ({
    purpose: permission.purpose,
    allowed: isHeld(permission, token.facts),
    needs: leastOf(permission, token.facts),
    changes: permission.changes,
  }));
}

/** Nobody but the API knows what the token allows. */
const isBlind = (token: TokenOutcome): boolean => token.ok && token.facts.held === undefined;

const kindOf = (token: TokenOutcome): 'app' | 'user' => {
  if (token.ok) return token.facts.kind;
  return token.error.code.startsWith('user.') ? 'user' : 'app';
};

function clientIdOf({ credential }: Tenant, token: TokenOutcome): string | undefined {
  return token.ok ? (token.facts.appId ?? credential.clientId) : credential.clientId;
}

/** A capability that another one brings along. */
export function broughtAlong(capability: Capability, by: CapabilityCheck): CapabilityCheck {
  const text = `They come with the ${by.capability}. ${by.seen.text}`;
  return { ...by, capability, seen: { ...by.seen, text } };
}
