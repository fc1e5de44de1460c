import { OutriderError } from '../../../shared/errors.ts';
import type { preflightView } from '../../../shared/http/preflight-answer.ts';
import type { Preflight } from '../../../shared/preflight/preflight.ts';
import type { OutriderApi } from '../../api/outrider-api.ts';
import { CommandFailure, EXIT, fail } from '../../output/failure.ts';
import type { CheckersWish, TenantChecker } from './checkers.ts';
import { pathOf, type ShownTenant, tenantIdOf } from './target.ts';

type PreflightAnswer = ReturnType<typeof preflightView>;

/**
 * The tenants of a deployment that are meant, each looked at by the deployed app itself, with the credentials that it
 * has and nobody else.
 *
 * @throws CommandFailure for tenants that are not there
 */
export async function deployedCheckers(
  api: OutriderApi,
  { words, all }: Pick<CheckersWish, 'words' | 'all'>,
): Promise<readonly TenantChecker[]> {
  const tenants = await meant(api, words, all);
  return tenants.map(({ tenantId: id, name }) => ({
    tenant: { id, name },
    async check(capabilities) {
      const { body } = await api
        .call<PreflightAnswer>(`${pathOf(id)}/preflight`)
        .catch((error: unknown) => refusedFor(error, id, tenants.length));
      const found = preflightOf(body);
      if (capabilities === undefined) return found;
      const asked = found.capabilities.filter(({ capability }) => capabilities.includes(capability));
      return { ...found, capabilities: asked, ok: asked.every(({ state }) => state === 'ok') };
    },
  }));
}

/** What the app refuses for one of several tenants is that one's: it must not hide the others. */
function refusedFor(error: unknown, tenant: string, of: number): never {
  if (of === 1 || !(error instanceof CommandFailure)) throw error;
  throw new OutriderError('upstream.unavailable', error.message, { tenant });
}

async function meant(
  api: OutriderApi,
  words: readonly string[],
  all: boolean,
): Promise<readonly ShownTenant[]> {
  if (words.length > 0) {
    const ids = new Set<string>();
    for (const word of words) ids.add(await tenantIdOf(api, word));
    return Promise.all([...ids].map(async (id) => (await api.call<ShownTenant>(pathOf(id))).body));
  }
  const active = await api.items<ShownTenant>('/api/tenants?state=active&top=1000');
  if (active.length === 0) fail(EXIT.no, 'There is no active tenant that you may see.');
  if (all || active.length === 1) return active;
  return fail(EXIT.usage, `Say which: --all, or some of ${active.map(({ name }) => name).join(', ')}.`);
}

function preflightOf({ tenantId, at, ok, capabilities, notes, credential }: PreflightAnswer): Preflight {
  return {
    ...{ tenantId, atMs: Date.parse(at), ok, notes },
    capabilities: capabilities.map(({ api, ...check }) => ({ ...check, resource: api, next: check.next })),
    credential: credential && {
      kind: credential.kind,
      expiresAtMs: credential.expiresAt === undefined ? undefined : Date.parse(credential.expiresAt),
      expiresInDays: credential.expiresInDays,
    },
  };
}
