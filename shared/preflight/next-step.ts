import { APIS } from '../apis.ts';
import type { Cloud } from '../clouds.ts';
import { adminConsentLink } from '../consent-link.ts';
import type { OutriderError } from '../errors.ts';
import type { Capability } from '../permissions.ts';
import type { Resource, Tenant } from '../tenant.ts';
import { LICENCES } from './licences.ts';
import type { NextStep } from './preflight.ts';
import type { PreflightState } from './states.ts';

/** What a next step depends on. */
export interface StepContext {
  readonly tenant: Tenant;
  readonly cloud: Cloud;
  readonly capability: Capability;
  readonly resource: Resource;
  readonly kind: 'app' | 'user';
  /** Of the app that has the token, or should have. */
  readonly clientId: string | undefined;
  /** Permissions that are missing, the least of each. */
  readonly missing: readonly string[];
  /** What failed; its text says what to do where the state alone does not. */
  readonly error?: OutriderError | undefined;
  /** The cloud that the tenant is in. */
  readonly otherCloud?: string | undefined;
}

type Words = (context: StepContext) => string;

/** `the application permission A`, `the application permissions A and B` */
function permissionWords(kind: StepContext['kind'], names: readonly string[]): string {
  const what = kind === 'app' ? 'application' : 'delegated';
  return `the ${what} ${names.length === 1 ? 'permission' : 'permissions'} ${names.join(' and ')}`;
}
const app = ({ clientId }: StepContext): string =>
  clientId === undefined ? 'the app' : `the app ${clientId}`;

const WORDS: Readonly<Record<Exclude<PreflightState, 'ok'>, Words>> = {
  notConsented: consentWords,
  roleMissing: roleWords,
  appNotInTenant: (context) =>
    context.error?.message ?? `Let an administrator of the tenant accept ${app(context)}.`,
  servicePrincipalMissing: ({ resource, capability }) =>
    `The API ${APIS[resource].name} comes with ${LICENCES[capability]}. With the licence, an administrator adds it by: az ad sp create --id ${APIS[resource].appId}`,
  withoutLicence: ({ capability, missing, error }) =>
    error?.code === 'auth.api_disabled'
      ? error.message
      : `The token allows it, and the API refuses: the tenant needs ${LICENCES[capability]}, opened once in the Defender portal.${missing.length === 0 ? ' A permission that was granted just now may also take some minutes.' : ''}`,
  blockedByConditionalAccess: (context) =>
    context.kind === 'user'
      ? (context.error?.message ?? 'Sign in again in the way that the policy asks for.')
      : `In the tenant, exclude the service principal of ${app(context)} from the Conditional Access policy, or let the policy allow the addresses that Outrider calls from.`,
  wrongCloud: wrongCloudWords,
  credentialWrong: ownWords,
  credentialExpired: ownWords,
  throttled: ({ error }) =>
    `A quota is used up, so nothing is known yet. Check again in ${secondsOf(error)} seconds.`,
  unreachable: ownWords,
};

/** What is to be done next, exactly, for a state that is not ok. */
export function nextStep(state: Exclude<PreflightState, 'ok'>, context: StepContext): NextStep {
  const { clientId, cloud, tenant, missing } = context;
  const isAboutConsent =
    state === 'notConsented' || state === 'appNotInTenant' || asksForRole(state, context);
  const canConsent = isAboutConsent && clientId !== undefined && tenant.credential.kind !== 'managedIdentity';
  return {
    text: WORDS[state](context),
    ...(canConsent ? { link: adminConsentLink(cloud, tenant.id, clientId) } : {}),
    ...(missing.length > 0 ? { permissions: missing } : {}),
  };
}

function asksForRole(state: PreflightState, { kind }: StepContext): boolean {
  return state === 'roleMissing' && kind === 'app';
}

function consentWords(context: StepContext): string {
  const { resource, missing, kind, tenant, error } = context;
  if (tenant.credential.kind === 'managedIdentity' && kind === 'app') return assignWords(context);
  if (missing.length === 0) return error?.message ?? 'An administrator of the tenant consents at the link.';
  return `Let ${app(context)} ask for ${permissionWords(kind, missing)} of ${APIS[resource].name} in its registration; then an administrator of the tenant consents at the link.`;
}

function roleWords(context: StepContext): string {
  const { kind, resource, missing, tenant } = context;
  if (kind === 'user')
    return 'Give the user a role in Microsoft Defender there: Security Reader to read and hunt, Security Operator to change, or a custom role; or check the licence.';
  if (tenant.credential.kind === 'managedIdentity') return assignWords(context);
  return `Add ${permissionWords(kind, missing)} of ${APIS[resource].name} to the registration of ${app(context)}; then an administrator of the tenant consents again at the link.`;
}

/** A managed identity is not consented to: its roles are assigned. */
function assignWords(context: StepContext): string {
  const { resource, missing, clientId } = context;
  const { name, appId } = APIS[resource];
  return `Assign the app role ${missing.join(' and ')} of ${name} (${appId}) to the managed identity${clientId === undefined ? '' : ` ${clientId}`}, as infra/entra does: an identity cannot be consented to in the portal.`;
}

function wrongCloudWords({ error, otherCloud, cloud, capability }: StepContext): string {
  if (otherCloud !== undefined)
    return `The tenant is in the cloud ${otherCloud}, and this deployment serves ${cloud.name}. Serve it by a deployment whose OUTRIDER_CLOUD is ${otherCloud}.`;
  return (
    error?.message ?? `Microsoft offers no ${capability} in the cloud ${cloud.name}. Do without it there.`
  );
}

function ownWords({ error }: StepContext): string {
  return error?.message ?? 'Look at what was seen, and check again.';
}

function secondsOf(error: OutriderError | undefined): number {
  return Math.max(1, Math.ceil((error?.facts.retryAfterMs ?? 60_000) / 1000));
}
