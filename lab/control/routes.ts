import { z } from 'zod';
import type { EntraControl } from '../entra/control.ts';
import type { HuntControl } from '../hunting/control.ts';
import type { Faults } from '../net/faults.ts';
import type { Refusal } from '../net/proxy.ts';
import type { LoggedRequest } from '../net/request-log.ts';
import type { UserTokenOptions } from '../user-token.ts';
import { entraRoutes } from './entra-routes.ts';
import { huntingRoutes } from './hunting-routes.ts';

/** What a running lab lets itself be asked and told from outside. */
export interface ControlledLab {
  /** Any JSON: what `outrider lab status --json` prints. */
  status(): unknown;
  /** Settings for the app, and what other processes need besides. */
  env(): Readonly<Record<string, string>>;
  /** An app's token for the Outrider API; by default of the home tenant. */
  token(roles: readonly string[], tenantId?: string): Promise<string>;
  /** A person's token. */
  userToken(options: UserTokenOptions): Promise<string>;
  readonly entra: EntraControl;
  /** A sign-in page's address for a browser outside of the lab. */
  signInPage(address: string): string | undefined;
  readonly faults: Faults;
  /** The Defender stand-in's settings: read, and changed by a patch of some of them. */
  readonly defender: { read(): unknown; patch(change: Readonly<Record<string, unknown>>): void };
  readonly hunting: HuntControl;
  requests(): readonly LoggedRequest[];
  refused(): readonly Refusal[];
  /** Ends the lab; called after the command has been answered. */
  stop(): void;
}

export interface ControlCall {
  /** The request's JSON. */
  readonly body: unknown;
  /** The last piece of the path, where the route takes one. */
  readonly argument: string | undefined;
}

export interface ControlRoute {
  readonly method: string;
  readonly path: RegExp;
  run(call: ControlCall): unknown;
}

const names = z.array(z.string().min(1));
const tokenRequest = z.strictObject({ roles: names, tenant: z.guid().optional() });
const userTokenRequest = z.strictObject({
  part: z.enum(['admin', 'operator', 'reader', 'outsider']).exactOptional(),
  tenantId: z.guid().exactOptional(),
  userId: z.guid().exactOptional(),
  roles: names.exactOptional(),
  scopes: names.exactOptional(),
  hasSecondFactor: z.boolean().exactOptional(),
  contexts: names.exactOptional(),
  lifetimeSeconds: z.number().int().exactOptional(),
});
const pageRequest = z.strictObject({ address: z.string() });
const patchRequest = z.record(z.string(), z.unknown());

export function controlRoutes(lab: ControlledLab): readonly ControlRoute[] {
  const route = (method: string, path: RegExp, run: ControlRoute['run']): ControlRoute => ({
    method,
    path,
    run,
  });
  return [
    route('GET', /^\/ping$/, () => ({ pid: process.pid })),
    route('GET', /^\/status$/, () => lab.status()),
    route('GET', /^\/env$/, () => lab.env()),
    route('POST', /^\/token$/, async ({ body }) => {
      const { roles, tenant } = tokenRequest.parse(body);
      return { token: await lab.token(roles, tenant) };
    }),
    route('POST', /^\/user-token$/, async ({ body }) => ({
      token: await lab.userToken(userTokenRequest.parse(body ?? {})),
    })),
    route('POST', /^\/sign-in-page$/, ({ body }) => {
      const { address } = pageRequest.parse(body);
      const page = lab.signInPage(address);
      if (page === undefined)
        throw new Error(
          "The address is none of the lab's sign-in service: give it as the page or command shows it, with https://.",
        );
      return { address: page };
    }),
    ...entraRoutes(lab.entra),
    route('GET', /^\/faults$/, () => lab.faults.list()),
    route('POST', /^\/faults$/, ({ body }) => lab.faults.add(body)),
    route('DELETE', /^\/faults$/, () => lab.faults.clear()),
    route('DELETE', /^\/faults\/([^/]+)$/, ({ argument = '' }) => {
      if (!lab.faults.remove(argument)) throw new Error(`There is no fault rule ${argument}.`);
    }),
    route('GET', /^\/defender$/, () => lab.defender.read()),
    route('PATCH', /^\/defender$/, ({ body }) => {
      lab.defender.patch(patchRequest.parse(body));
      return lab.defender.read();
    }),
    ...huntingRoutes(lab.hunting),
    route('GET', /^\/requests$/, () => lab.requests()),
    route('GET', /^\/refused$/, () => lab.refused()),
    route('POST', /^\/stop$/, () => {
      setImmediate(() => lab.stop());
    }),
  ];
}
