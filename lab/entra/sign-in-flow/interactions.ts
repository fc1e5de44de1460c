import { randomUUID } from 'node:crypto';
import type { LabAnswer } from '../../service.ts';
import { AadstsError, type AadstsProblem } from '../aadsts.ts';
import { unmetPolicy } from '../access-policies.ts';
import type { SignInCloud } from '../clouds.ts';
import { giveConsent } from '../consents.ts';
import { type DelegatedScope, readDelegatedScopes } from '../delegated-scope.ts';
import {
  type Directory,
  type DirectoryApp,
  type DirectoryTenant,
  findTenant,
  grantsIn,
  type RequiredPermission,
} from '../directory.ts';
import { adminNeeded, adminOnly, loginNeeded, notInvolved, userCancelled } from '../flow-problems.ts';
import {
  accountPage,
  adminConsentPage,
  consentPage,
  devicePage,
  refusalPage,
  type Step,
  secondFactorPage,
} from '../pages/sign-in-pages.ts';
import { unknownApp } from '../problems.ts';
import type { EntraSettings } from '../settings.ts';
import { disabledUser, policyProblem } from '../user-problems.ts';
import type { DirectoryUser } from '../users.ts';
import { choicesOf } from './choices.ts';
import { missingConsent } from './missing-consent.ts';
import type { SignIn } from './sign-in.ts';

/** Somebody who has got through the pages. */
export interface SignedIn {
  readonly user: DirectoryUser;
  readonly tenant: DirectoryTenant;
  readonly signIn: SignIn;
}

/** Consent of an admin for everybody in a tenant, app roles included. */
export interface AdminConsent {
  /** @throws AadstsError */
  permissions(tenant: DirectoryTenant): readonly RequiredPermission[];
  grant(tenant: DirectoryTenant, permissions: readonly RequiredPermission[]): void;
}

/** A sign-in by pages: what is wanted, and what happens at the end. */
export interface SignInRequest {
  readonly app: DirectoryApp;
  readonly cloud: SignInCloud;
  /** Undefined: any tenant of the cloud. */
  readonly tenant: DirectoryTenant | undefined;
  readonly scope: string;
  /** Authentication contexts that must be met. */
  readonly contexts: readonly string[];
  readonly loginHint?: string | undefined;
  readonly prompt?: string | undefined;
  /** Whether the person must say that they started it: device codes. */
  readonly asksForDevice?: boolean;
  /** Instead of consent in the user's name. */
  readonly adminConsent?: AdminConsent;
  succeed(who: SignedIn): LabAnswer;
  fail(problem: AadstsProblem): LabAnswer;
}

interface Who {
  readonly user: DirectoryUser;
  readonly tenant: DirectoryTenant;
}

interface Interaction {
  readonly request: SignInRequest;
  readonly step: Step;
  who?: Who;
  hasSecondFactor: boolean;
  knowsDevice: boolean;
  hasConsented: boolean;
  refusal?: AadstsProblem;
}

export interface Interactions {
  /** The first page. */
  start(request: SignInRequest): LabAnswer;
  /** `POST /{tenant}/login`: the form of one page. @throws AadstsError */
  go(form: URLSearchParams): LabAnswer;
}

const NO_SIGN_IN: AadstsProblem = {
  number: 90014,
  status: 400,
  error: 'invalid_request',
  text: 'There is no such sign-in, or it has ended. Start again from the application.',
};

/** Leads a person from page to page: account, second factor, consent. State is held here, by an id that pages carry. */
export function createInteractions(directory: Directory, settings: EntraSettings): Interactions {
  const open = new Map<string, Interaction>();

  function next(interaction: Interaction): LabAnswer {
    const { request, step, who } = interaction;
    if (interaction.refusal !== undefined) return refusalPage(step, interaction.refusal.text);
    if (who === undefined) return accountPage(step, choicesOf(directory, request));
    const { user, tenant } = who;
    if (request.asksForDevice && !interaction.knowsDevice) return devicePage(step, user.name);
    const scopes = readDelegatedScopes(directory, { tenant, cloud: request.cloud }, request.scope);
    const demand = demandOf(settings, interaction, scopes);
    if (demand?.refusal !== undefined) return refuse(interaction, demand.refusal);
    if (demand !== undefined) return secondFactorPage(step, user.name, demand.isRegistered);
    if (request.adminConsent !== undefined && !interaction.hasConsented) {
      return askAdmin(interaction, request.adminConsent, who);
    }
    const missing = missingConsent(request.app, who, scopes);
    const isForced = request.prompt === 'consent' && !interaction.hasConsented;
    if (missing.length > 0 || isForced) {
      if (!user.isAdmin && missing.some(({ needsAdmin }) => needsAdmin)) {
        return refuse(interaction, adminNeeded(request.app));
      }
      const permissions = missing.map(({ resource, names }) => ({ resource, names }));
      return consentPage(step, { name: user.name, permissions, isAdmin: user.isAdmin === true });
    }
    open.delete(step.flow);
    const contexts = interaction.hasSecondFactor ? request.contexts : [];
    return request.succeed({ ...who, signIn: { hasSecondFactor: interaction.hasSecondFactor, contexts } });
  }

  function askAdmin(
    interaction: Interaction,
    { permissions }: AdminConsent,
    { user, tenant }: Who,
  ): LabAnswer {
    if (!user.isAdmin) return refuse(interaction, adminOnly());
    try {
      const wanted = permissions(tenant);
      return adminConsentPage(interaction.step, { name: user.name, tenant: tenant.name, wanted });
    } catch (error) {
      if (!(error instanceof AadstsError)) throw error;
      return refuse(interaction, error.problem);
    }
  }

  function refuse(interaction: Interaction, problem: AadstsProblem): LabAnswer {
    interaction.refusal = problem;
    return refusalPage(interaction.step, problem.text);
  }

  function end(interaction: Interaction, problem: AadstsProblem): LabAnswer {
    open.delete(interaction.step.flow);
    return interaction.request.fail(problem);
  }

  function pick(interaction: Interaction, id: string): LabAnswer {
    const isOffered = choicesOf(directory, interaction.request).some((choice) => choice.id === id);
    const user = isOffered ? directory.users.find((one) => one.id === id) : undefined;
    const tenant = user && findTenant(directory, user.tenantId);
    if (user === undefined || tenant === undefined) throw new AadstsError(NO_SIGN_IN);
    if (user.isEnabled === false) return refuse(interaction, disabledUser());
    const { app } = interaction.request;
    if (!app.isMultiTenant && grantsIn(app, tenant.id) === undefined) {
      return refuse(interaction, unknownApp(app.appId, tenant.name));
    }
    interaction.who = { user, tenant };
    return next(interaction);
  }

  function consent(interaction: Interaction, forAll: boolean): LabAnswer {
    const { request, who } = interaction;
    if (who === undefined) return next(interaction);
    const { user, tenant } = who;
    if (request.adminConsent !== undefined) {
      if (!user.isAdmin) return next(interaction);
      request.adminConsent.grant(tenant, request.adminConsent.permissions(tenant));
      interaction.hasConsented = true;
      return next(interaction);
    }
    const scopes = readDelegatedScopes(directory, { tenant, cloud: request.cloud }, request.scope);
    for (const { resource, names, needsAdmin } of missingConsent(request.app, who, scopes)) {
      if (needsAdmin && !user.isAdmin) return next(interaction);
      const everybody = forAll && user.isAdmin === true;
      giveConsent(request.app, {
        tenantId: tenant.id,
        resource,
        scopes: [...names],
        ...(everybody ? {} : { userId: user.id }),
      });
    }
    if (grantsIn(request.app, tenant.id) === undefined) request.app.grants[tenant.id] = {};
    interaction.hasConsented = true;
    return next(interaction);
  }

  return {
    start(request) {
      if (request.prompt === 'none') return request.fail(loginNeeded());
      const flow = randomUUID();
      const action = `/${request.tenant?.id ?? 'organizations'}/login`;
      const interaction: Interaction = {
        request,
        step: { flow, action, app: request.app.displayName },
        hasSecondFactor: false,
        knowsDevice: false,
        hasConsented: false,
      };
      open.set(flow, interaction);
      return next(interaction);
    },
    go(form) {
      const interaction = open.get(form.get('flow') ?? '');
      if (interaction === undefined) throw new AadstsError(NO_SIGN_IN);
      switch (form.get('step')) {
        case 'account':
          return pick(interaction, form.get('user') ?? '');
        case 'device':
          interaction.knowsDevice = true;
          return next(interaction);
        case 'factor':
          interaction.hasSecondFactor = true;
          return next(interaction);
        case 'consent':
          return consent(interaction, form.get('all') === 'yes');
        case 'cancel':
          return end(interaction, userCancelled());
        case 'back':
          return end(interaction, interaction.refusal ?? userCancelled());
        default:
          throw new AadstsError(notInvolved());
      }
    },
  };
}

/** What the sign-in still lacks: a second factor, or anything at all. */
function demandOf(
  settings: EntraSettings,
  { request, who, hasSecondFactor }: Interaction,
  scopes: readonly DelegatedScope[],
): { readonly refusal?: AadstsProblem; readonly isRegistered: boolean } | undefined {
  if (who === undefined) return undefined;
  const names = scopes.flatMap(({ resource }) => resource.names);
  const attempt = { by: 'users', objectId: who.user.id, names, hasSecondFactor } as const;
  const policy = unmetPolicy(who.tenant, attempt);
  if (policy?.demand === 'block') {
    return { refusal: policyProblem(policy, names[0] ?? '', settings), isRegistered: true };
  }
  if (policy !== undefined) return { isRegistered: policy.demand === 'mfa' };
  return request.contexts.length > 0 && !hasSecondFactor ? { isRegistered: true } : undefined;
}
