import { z } from 'zod';
import { appChange, type EntraControl, settingsChange, tenantChange, userChange } from '../entra/control.ts';
import type { ControlCall, ControlRoute } from './routes.ts';

const revocation = z.strictObject({ app: z.guid(), tenant: z.guid() });
const ending = z.strictObject({ user: z.guid().optional() });

/** What Entra ID lets itself be told from outside; ids stand in the path, what changes in the body. */
export function entraRoutes(entra: EntraControl): readonly ControlRoute[] {
  const route = (method: string, path: RegExp, run: ControlRoute['run']): ControlRoute => ({
    method,
    path,
    run,
  });
  const patch = <Change>(
    path: RegExp,
    schema: z.ZodType<Change>,
    run: (id: string, change: Change) => void,
  ): ControlRoute =>
    route('PATCH', path, ({ body, argument = '' }: ControlCall) => run(argument, schema.parse(body)));
  return [
    route('GET', /^\/entra$/, () => entra.settings()),
    route('PATCH', /^\/entra$/, ({ body }) => {
      entra.change(settingsChange.parse(body));
      return entra.settings();
    }),
    route('GET', /^\/entra\/directory$/, () => entra.directory()),
    patch(/^\/entra\/tenants\/([^/]+)$/, tenantChange, entra.changeTenant),
    patch(/^\/entra\/users\/([^/]+)$/, userChange, entra.changeUser),
    patch(/^\/entra\/apps\/([^/]+)$/, appChange, entra.changeApp),
    route('DELETE', /^\/entra\/apps\/([^/]+)$/, ({ argument = '' }) => entra.deleteApp(argument)),
    route('POST', /^\/entra\/consents\/revoke$/, ({ body }) => {
      const { app, tenant } = revocation.parse(body);
      entra.revokeConsent(app, tenant);
    }),
    route('POST', /^\/entra\/sign-ins\/end$/, ({ body }) => entra.endSignIns(ending.parse(body ?? {}).user)),
  ];
}
