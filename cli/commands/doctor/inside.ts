import packageJson from '../../../package.json' with { type: 'json' };
import { mapLimit } from '../../../shared/concurrency.ts';
import type { Health } from '../../../shared/health.ts';
import type { preflightView } from '../../../shared/http/preflight-answer.ts';
import type { SyncStatus } from '../../../shared/incidents/status.ts';
import type { NextStep } from '../../../shared/preflight/preflight.ts';
import { STATE_WORDS } from '../../../shared/preflight/states.ts';
import type { OutriderApi } from '../../api/outrider-api.ts';
import { messageOf } from '../../output/failure.ts';
import { pathOf, type ShownTenant } from '../tenants/target.ts';
import type { Finding } from './finding.ts';

const TENANTS_AT_ONCE = 8;
/** The timer notes every five minutes that it ticked; twice that, and more for a start after a pause. */
const TIMER_SILENT_MS = 15 * 60_000;
/** Without these Outrider does not do what it is for; the others are consented to where they are wanted. */
const NEEDED: readonly string[] = ['incidents', 'alerts', 'hunting'];
const LIVES: readonly string[] = ['active', 'consented'];
/** Faults of roles and networks that the templates set right. */
const GRANTED = new Set(['storage.refused', 'vault.refused']);
const AGAIN = ' infra/deploy.sh, run again, sets both as they must be.';
const ROLES =
  'This command takes Tenants.Read and Incidents.Read: infra/deploy.sh --operator <object id> gives both, deployed once more.';

/** What a caller with a token sees: settings, storage, vault, sign-in, timer, and each tenant by a call to it. */
export async function insideFindings(api: OutriderApi, nowMs: number): Promise<readonly Finding[]> {
  // What is not well answers 503, and says here what it is.
  const health = await asked('health in full', () =>
    api.call<Partial<Health>>('/api/health', { alsoAnswer: 503 }),
  );
  if ('finding' in health) return [health.finding];
  const tenants = await asked('tenants', () => api.items<ShownTenant>('/api/tenants?top=1000'));
  return [
    ...healthFindings(health.answer.body, nowMs),
    ...('finding' in tenants ? [tenants.finding] : await tenantFindings(api, tenants.answer)),
  ];
}

/** An answer, or the finding that there is none. */
async function asked<Answer>(
  what: string,
  ask: () => Promise<Answer>,
): Promise<{ readonly answer: Answer } | { readonly finding: Finding }> {
  try {
    return { answer: await ask() };
  } catch (error) {
    const text = messageOf(error);
    return { finding: { what, ok: false, text: /app role/.test(text) ? `${text} ${ROLES}` : text } };
  }
}

function healthFindings(health: Partial<Health>, nowMs: number): readonly Finding[] {
  const { version, faults = [], checks = [], warnings = [] } = health;
  if (version === undefined) {
    const text =
      'not shown: that takes a caller who sees all tenants, with any app role (OUTRIDER_API_TENANT_GROUPS)';
    return [{ what: 'health in full', ok: true, skipped: true, text }];
  }
  const mine = packageJson.version;
  return [
    {
      what: 'version',
      ok: version === mine,
      text:
        version === mine
          ? version
          : `${version} runs, and this command line is ${mine}: publish this version (infra/deploy.sh), or look with the command line of the other.`,
    },
    ...faults.map(({ setting, text }) => ({ what: setting, ok: false, text })),
    ...(faults.length === 0 ? [{ what: 'settings', ok: true, text: 'whole' }] : []),
    ...checks.map(({ name, ok, code, text, ms }) => ({
      what: name,
      ok,
      text: text === undefined ? `answers in ${ms} ms` : `${text}${code && GRANTED.has(code) ? AGAIN : ''}`,
    })),
    ...warnings.map((text) => ({ what: 'soon', ok: true, text })),
    timerFinding(health.heartbeat, nowMs, checks.find(({ name }) => name === 'storage')?.ok ?? true),
  ];
}

function timerFinding(heartbeat: string | undefined, nowMs: number, seesStorage: boolean): Finding {
  const what = 'timer';
  if (heartbeat === undefined && !seesStorage) {
    const text = 'not looked at: its sign of life is in the storage, which is to be mended first';
    return { what, ok: true, skipped: true, text };
  }
  if (heartbeat === undefined) {
    const text = 'has not ticked yet: it does so every minute once the app runs. Ask again in two minutes.';
    return { what, ok: false, text };
  }
  const ago = nowMs - Date.parse(heartbeat);
  if (ago <= TIMER_SILENT_MS) return { what, ok: true, text: `alive at ${heartbeat}` };
  const text = `last alive at ${heartbeat}: no tenant is synced by itself. Start the app again; the alert "heartbeat" of docs/operations.md says what to look at.`;
  return { what, ok: false, text };
}

async function tenantFindings(api: OutriderApi, all: readonly ShownTenant[]): Promise<readonly Finding[]> {
  const served = all.filter(({ state }) => LIVES.includes(state));
  if (served.length === 0) {
    const text = 'none is served yet: outrider tenants add, or set OUTRIDER_TENANT_ID';
    return [{ what: 'tenants', ok: true, skipped: true, text }];
  }
  return (
    await mapLimit(served, TENANTS_AT_ONCE, async (tenant) => [
      await callFinding(api, tenant),
      await syncFinding(api, tenant),
    ])
  ).flat();
}

/**
 * The way to a tenant from end to end: identity, federated credential, consent, one call of each kind. Entra ID takes a
 * wrong issuer or subject without a word; only a token tells.
 */
async function callFinding(api: OutriderApi, { tenantId, name }: ShownTenant): Promise<Finding> {
  const what = `calls in ${name}`;
  const looked = await asked(what, () =>
    api.call<ReturnType<typeof preflightView>>(`${pathOf(tenantId)}/preflight`),
  );
  if ('finding' in looked) return looked.finding;
  const needed = looked.answer.body.capabilities.filter(({ capability }) => NEEDED.includes(capability));
  const missing = needed.filter(({ state }) => state !== 'ok' && state !== 'throttled');
  const states = needed.map(({ capability, state }) => `${capability} ${STATE_WORDS[state]}`).join(', ');
  if (missing.length === 0) return { what, ok: true, text: states };
  const steps = missing.flatMap(({ next }) => (next ? [next] : []));
  return { what, ok: false, text: `${states}. ${[...new Set(stepTexts(steps))].join(' ')}` };
}

/** What is to be done next; permissions that one consent gives, as one step. */
function stepTexts(steps: readonly NextStep[]): readonly string[] {
  return steps.map((step) => {
    const { text, link, permissions } = step;
    if (link === undefined || text.includes(link)) return text;
    const alike = steps.filter((other) => other.link === link && other.permissions !== undefined);
    if (permissions === undefined || alike.length < 2) return `${text} ${link}`;
    const names = [...new Set(alike.flatMap((other) => other.permissions ?? []))].join(', ');
    return `Let the app ask for ${names} in its registration; then an administrator of the tenant consents at ${link}`;
  });
}

async function syncFinding(api: OutriderApi, { tenantId, name }: ShownTenant): Promise<Finding> {
  const what = `sync of ${name}`;
  const asks = await asked(what, () => api.call<SyncStatus>(`${pathOf(tenantId)}/sync`));
  if ('finding' in asks) return asks.finding;
  const { state, failing, lastSuccess } = asks.answer.body;
  if (failing) return { what, ok: false, text: failing.text };
  return {
    what,
    ok: true,
    text: lastSuccess === undefined ? state : `${state}, last success ${lastSuccess}`,
  };
}
