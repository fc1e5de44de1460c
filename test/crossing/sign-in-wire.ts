import type { LabService } from '../../lab/service.ts';
import type { Findings } from './findings.ts';
import type { SteadyClock } from './steady-clock.ts';
import { actingFor, type CrossingTenant } from './tenants.ts';

/**
 * The lab's Entra ID as fetch for msal; checks that each sign-in is by the right app to the right tenant, and tells
 * from the age of the token before why there is one.
 */
export function createSignInWire({
  service,
  clock,
  findings,
  tokenLifeMs,
  refusedAt,
}: {
  readonly service: LabService;
  readonly clock: SteadyClock;
  readonly findings: Findings;
  readonly tokenLifeMs: number;
  /** When the API last refused a token of the tenant with 401. */
  readonly refusedAt: (tenantId: string) => number | undefined;
}): typeof fetch {
  const { counts } = findings;
  const signedInAt = new Map<string, number>();

  function countSignIn({ tenant: { id } }: CrossingTenant): void {
    counts.signIns++;
    const before = signedInAt.get(id);
    signedInAt.set(id, clock.now());
    if (before === undefined) counts.firstSignIns++;
    else if ((refusedAt(id) ?? 0) >= before) counts.renewals++;
    // No token is refreshed in the first half of its life.
    else if (clock.now() >= before + tokenLifeMs / 2) counts.refreshes++;
    else counts.evictions++;
  }

  return (input, init) =>
    clock.during(async () => {
      counts.calls++;
      const url = new URL(String(input));
      const body = Buffer.from(String(init?.body ?? ''));
      const caller = actingFor.getStore();
      if (!caller) throw new Error('a sign-in in nobody’s name');
      check(url, new URLSearchParams(body.toString()), caller, findings);
      if (url.pathname.endsWith('/token')) countSignIn(caller);
      const answer = await service.handle({
        method: init?.method ?? 'GET',
        url,
        rawTarget: `${url.pathname}${url.search}`,
        headers: Object.fromEntries(new Headers(init?.headers)),
        body,
      });
      return Response.json(answer.body, { status: answer.status, headers: { ...answer.headers } });
    });
}

function check(url: URL, form: URLSearchParams, caller: CrossingTenant, findings: Findings): void {
  const { mark, tenant, clientId, secret } = caller;
  if (!url.pathname.startsWith(`/${tenant.id}/`)) {
    findings.crossing(`${mark} signs in at ${url.pathname}`);
  }
  if (!url.pathname.endsWith('/token')) return;
  if (form.get('client_id') !== clientId) findings.crossing(`${mark} signs in as ${form.get('client_id')}`);
  if (form.get('client_secret') !== secret) findings.crossing(`${mark} signs in with another's secret`);
}
