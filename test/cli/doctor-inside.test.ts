import { expect, test } from 'vitest';
import { createOutriderApi } from '../../cli/api/outrider-api.ts';
import { insideFindings } from '../../cli/commands/doctor/inside.ts';
import packageJson from '../../package.json' with { type: 'json' };

const NOW = Date.parse('2026-11-21T12:00:00Z');
const TENANT = { tenantId: '30000000-0000-4000-8000-000000000003', name: 'Fabrikam', state: 'active' };
const LINK = 'https://login.example/adminconsent';
const HEALTH = {
  status: 'ok',
  version: packageJson.version,
  faults: [],
  checks: [{ name: 'storage', ok: true, ms: 1 }],
  warnings: [],
  heartbeat: '2026-11-21T11:58:00.000Z',
};

interface Deployed {
  readonly health?: object;
  readonly status?: number;
  readonly capabilities?: readonly object[];
}

/** What is wrong or was left out, of a deployment that answers so. */
async function told({ health, status = 200, capabilities = [] }: Deployed) {
  const answers: Readonly<Record<string, () => Response>> = {
    '/api/health': () => Response.json({ ...HEALTH, ...health }, { status }),
    '/api/tenants': () => Response.json({ value: [TENANT] }),
    [`/api/tenants/${TENANT.tenantId}/preflight`]: () => Response.json({ capabilities }),
    [`/api/tenants/${TENANT.tenantId}/sync`]: () => Response.json({ state: 'current' }),
  };
  const api = createOutriderApi({
    url: 'https://func.example',
    getToken: async () => 'a token',
    fetch: async (address) =>
      answers[new URL(String(address)).pathname]?.() ?? new Response('', { status: 404 }),
  });
  return (await insideFindings(api, NOW)).filter(({ ok, skipped }) => !ok || skipped);
}

test('a deployment that is not well answers 503, and says what it lacks', async () => {
  const checks = [
    { name: 'storage', ok: false, text: 'The identity needs Storage Table Data Contributor.', ms: 1 },
    { name: 'vault', ok: false, code: 'vault.refused', text: 'Give it the role.', ms: 1 },
  ];
  const faults = [{ setting: 'OUTRIDER_VAULT_URL', text: 'It must begin with https://.' }];
  const health = { status: 'degraded', checks, faults, heartbeat: undefined };
  expect(await told({ health, status: 503 })).toEqual([
    { what: 'OUTRIDER_VAULT_URL', ok: false, text: 'It must begin with https://.' },
    { what: 'storage', ok: false, text: 'The identity needs Storage Table Data Contributor.' },
    { what: 'vault', ok: false, text: expect.stringMatching(/^Give it the role\. infra\/deploy\.sh/) },
    // One cause, told once: what cannot be read has not therefore stopped.
    { what: 'timer', ok: true, skipped: true, text: expect.stringContaining('mended first') },
  ]);
});

test('a timer that never ticked, though the storage can be read', async () => {
  expect(await told({ health: { heartbeat: undefined } })).toEqual([
    { what: 'timer', ok: false, text: expect.stringContaining('has not ticked yet') },
  ]);
});

test('another version than that of the command line', async () => {
  expect(await told({ health: { version: '0.0.1' } })).toEqual([
    { what: 'version', ok: false, text: expect.stringMatching(/^0\.0\.1 runs, .*infra\/deploy\.sh/) },
  ]);
});

test('what one consent gives is one step, and its link stands there once', async () => {
  const asked = ['SecurityIncident.Read.All', 'SecurityAlert.Read.All', 'ThreatHunting.Read.All'];
  const capabilities = ['incidents', 'alerts', 'hunting'].map((capability, index) => ({
    capability,
    state: 'notConsented',
    next: { text: `Ask for ${asked[index]}.`, link: LINK, permissions: [asked[index]] },
  }));
  const [finding] = await told({ capabilities });
  expect(finding?.text).toContain(`Let the app ask for ${asked.join(', ')} in its registration`);
  expect(finding?.text.split(LINK)).toHaveLength(2);
  const [alone] = await told({ capabilities: capabilities.slice(0, 1) });
  expect(alone?.text).toBe(`incidents not consented. Ask for ${asked[0]}. ${LINK}`);
});
