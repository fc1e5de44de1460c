import { AadstsError } from './aadsts.ts';
import { type DirectoryApp, type DirectoryTenant, grantsIn } from './directory.ts';
import { noServicePrincipal, unknownApp } from './problems.ts';
import type { EntraSettings } from './settings.ts';

/** @throws AadstsError 700016 or 7000229 when an app has no service principal in a tenant */
export function checkInstalled(
  { missingPrincipal }: EntraSettings,
  app: DirectoryApp,
  tenant: DirectoryTenant,
): void {
  if (grantsIn(app, tenant.id) !== undefined) return;
  throw new AadstsError(
    missingPrincipal === 700016
      ? unknownApp(app.appId, tenant.name)
      : noServicePrincipal(app.appId, tenant.id),
  );
}
