import { z } from 'zod';
import { revokeConsents } from './consents.ts';
import { type Directory, type DirectoryApp, findApp, findTenant, sameId } from './directory.ts';
import type { EntraSettings } from './settings.ts';

/*
 * What a running Entra ID lets itself be told: the same that a test changes in the directory and the settings. Fields
 * that may be missing are taken away by null.
 */

const seconds = z.number().finite();
export const settingsChange = z
  .strictObject({
    tokenLifetimeSeconds: seconds.positive().nullable(),
    refreshIn: z.boolean(),
    clockOffsetSeconds: seconds,
    assertionSkewSeconds: seconds.nonnegative(),
    expirySkewSeconds: seconds.nonnegative(),
    missingPrincipal: z.union([z.literal(700016), z.literal(7000229)]),
    federatedMismatch: z.enum(['specific', 'general']),
    typeClaim: z.boolean(),
    interactionError: z.enum(['interaction_required', 'invalid_grant']),
    deviceTooSoon: z.enum(['authorization_pending', 'slow_down']),
    consentRefusal: z.enum(['access_denied', 'consent_required', 'permission_denied']),
    refreshTokenDays: z.number().positive(),
  })
  .partial();

const policy = z.strictObject({
  id: z.guid(),
  demand: z.enum(['block', 'mfa', 'register']),
  appliesTo: z.enum(['users', 'apps']).exactOptional(),
  resource: z.string().exactOptional(),
  objectId: z.guid().exactOptional(),
});

const about = { resource: z.string().exactOptional(), objectId: z.guid().exactOptional() };
const challenge = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('context'), context: z.string().min(1), ...about }),
  z.strictObject({ kind: z.literal('revoked'), before: z.number(), ...about }),
]);

export const tenantChange = z
  .strictObject({
    conditionalAccess: z.array(policy),
    challenges: z.array(challenge),
    /** Microsoft services with a service principal; null: all. */
    resources: z.array(z.string()).nullable(),
    usersMayConsent: z.boolean(),
    hasDefender: z.boolean(),
  })
  .partial();

export const userChange = z
  .strictObject({
    isEnabled: z.boolean(),
    isAdmin: z.boolean(),
    defender: z.enum(['none', 'read', 'write']),
    appRoles: z.record(z.guid(), z.array(z.string())),
  })
  .partial();

export const appChange = z
  .strictObject({
    isMultiTenant: z.boolean(),
    assignmentRequired: z.boolean(),
    redirectUris: z.array(z.string()),
    secrets: z.array(z.strictObject({ value: z.string().min(1), expiresAt: z.number() })),
    /** Tenant id -> resource -> app roles. A tenant that is not named has no service principal of the app. */
    grants: z.record(z.guid(), z.record(z.string(), z.array(z.string()))),
  })
  .partial();

export type TenantChange = z.infer<typeof tenantChange>;
export type UserChange = z.infer<typeof userChange>;
export type AppChange = z.infer<typeof appChange>;

/** Every method takes effect for the next request. */
export interface EntraControl {
  settings(): Readonly<EntraSettings>;
  change(settings: z.infer<typeof settingsChange>): void;
  /** Who exists, without a secret. */
  directory(): unknown;
  /** @throws Error for a tenant, user or app that is not there; the same below */
  changeTenant(id: string, change: TenantChange): void;
  changeUser(id: string, change: UserChange): void;
  changeApp(appId: string, change: AppChange): void;
  /** Deletes a registration, and with it the app in all tenants. */
  deleteApp(appId: string): void;
  /** Takes the app's delegated permissions in a tenant away. */
  revokeConsent(appId: string, tenantId: string): void;
  /** Ends the sign-ins of a user, or of everybody. */
  endSignIns(userId?: string): void;
}

export function createEntraControl(parts: {
  readonly directory: Directory;
  readonly settings: EntraSettings;
  readonly endSignIns: (userId?: string) => void;
}): EntraControl {
  const { directory, settings, endSignIns } = parts;
  return {
    settings: () => settings,
    change({ tokenLifetimeSeconds, ...others }) {
      Object.assign(settings, others);
      if (tokenLifetimeSeconds !== undefined)
        settings.tokenLifetimeSeconds = tokenLifetimeSeconds ?? undefined;
    },
    directory: () => shown(directory),
    changeTenant(id, { resources, ...others }) {
      const tenant = found(findTenant(directory, id), 'tenant', id);
      Object.assign(tenant, others);
      if (resources === null) delete tenant.resources;
      else if (resources !== undefined) tenant.resources = resources;
    },
    changeUser(id, change) {
      const user = directory.users.find((one) => sameId(one.id, id));
      Object.assign(found(user, 'user', id), change);
    },
    changeApp(appId, change) {
      Object.assign(found(findApp(directory, appId), 'app', appId), change);
    },
    deleteApp(appId) {
      const app = found(findApp(directory, appId), 'app', appId);
      directory.apps.splice(directory.apps.indexOf(app), 1);
    },
    revokeConsent(appId, tenantId) {
      revokeConsents(found(findApp(directory, appId), 'app', appId), tenantId);
    },
    endSignIns,
  };
}

function found<Thing>(thing: Thing | undefined, kind: string, id: string): Thing {
  if (thing !== undefined) return thing;
  throw new Error(`The lab's directory has no ${kind} ${id}.`);
}

function shown({ tenants, users, apps }: Directory): unknown {
  return { tenants, users, apps: apps.map(shownApp) };
}

/** Secrets show as nothing but when they end. */
function shownApp({ secrets, certificates, ...app }: DirectoryApp): unknown {
  return {
    ...app,
    secrets: secrets.map(({ expiresAt }) => ({ expiresAt })),
    certificates: certificates.map(({ expiresAt }) => ({ expiresAt })),
  };
}
