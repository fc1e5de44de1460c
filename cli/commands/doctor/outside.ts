import type { Finding } from './finding.ts';

const TIMEOUT_MS = 60_000;
/** A token that nobody signed. Whoever lets it in checks nothing. */
const FORGED = [{ alg: 'none', typ: 'JWT' }, { roles: ['Tenants.Read'], aud: 'nobody' }, undefined]
  .map((part) => (part ? Buffer.from(JSON.stringify(part)).toString('base64url') : ''))
  .join('.');

interface Looked {
  readonly status: number;
  /** The body as JSON; undefined when it is none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** Begins the names of findings that say whether the API is closed to those who have no right to it. */
export const FENCE = 'fence, ';

/** Prints the address that a deployment has. */
const WHICH =
  'az deployment sub show --name outrider-main-<environment>-<region> --query properties.outputs.url.value --output tsv';

/**
 * What anybody sees of a deployment, without a token: does it answer, is it well, is its fence closed?
 *
 * @param url without a slash at its end
 */
export async function outsideFindings(url: string, send: typeof fetch = fetch): Promise<readonly Finding[]> {
  let health: Looked;
  try {
    health = await look(send, `${url}/api/health`);
  } catch (error) {
    return [{ what: 'address', ok: false, text: notReached(url, error) }];
  }
  const address = url.startsWith('https:')
    ? { what: 'address', ok: true, text: 'answers by TLS, with a certificate that is trusted here' }
    : { what: 'address', ok: true, text: 'answers on this machine; TLS is not looked at' };
  const found = [address, healthFinding(health)];
  if (!isOurs(health) && health.status !== 401) return found;
  return [
    ...found,
    await fenceFinding('no token', () => look(send, `${url}/api/tenants`)),
    await fenceFinding('a forged token', () => look(send, `${url}/api/tenants`, FORGED)),
  ];
}

async function look(send: typeof fetch, address: string, token?: string): Promise<Looked> {
  const response = await send(address, {
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    return { status: response.status, body: body instanceof Object ? { ...body } : undefined };
  } catch {
    return { status: response.status, body: undefined };
  }
}

function notReached(url: string, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  const why = cause instanceof Error ? cause.message : String(cause);
  return `${url} cannot be reached: ${why}${code}. ${nextOf(code, why)}`;
}

function nextOf(code: string, why: string): string {
  if (/ENOTFOUND|EAI_AGAIN/.test(code))
    return `Nobody is known by that name here: is this machine online? The right address prints ${WHICH}`;
  if (/certificate|CERT|SELF_SIGNED/i.test(`${code} ${why}`))
    return 'Where a proxy looks into TLS, set NODE_EXTRA_CA_CERTS to its certificate; else the address is not the app that Azure made.';
  return 'Start the app (az functionapp start --name <app> --resource-group <group>); an app in a network of its own is reached from there alone.';
}

const HEALTH_TEXTS: Readonly<Record<number, string>> = {
  401: 'the platform asks for a token even here: excludedPaths of authsettingsV2 lacks /api/health. Deploy infra/main.bicep again.',
  403: 'the platform lets nobody in: the app is stopped (az functionapp start --name <app> --resource-group <group>), or reached from its own network alone.',
  404: 'there is an app, but Outrider is not published to it: infra/deploy.sh, or func azure functionapp publish <app> --no-build --javascript in dist/app.',
};

/** Outrider's own word, good or bad. */
function isOurs({ status, body }: Looked): boolean {
  return (status === 200 && body?.status === 'ok') || (status === 503 && body?.status === 'degraded');
}

function healthFinding({ status, body }: Looked): Finding {
  const what = 'health';
  if (status === 200 && body?.status === 'ok') return { what, ok: true, text: 'ok' };
  if (status === 503 && body?.status === 'degraded') {
    return {
      what,
      ok: false,
      text: 'degraded: what is wrong is told below where there is a token, and in the log',
    };
  }
  const known = HEALTH_TEXTS[status];
  return {
    what,
    ok: false,
    text:
      known ??
      `status ${status}: what answers there is not Outrider, or does not start. The right address prints ${WHICH}; an app that does not start tells why in Application Insights.`,
  };
}

/** Closed when it answers 401; by whom tells whether the platform's fence stands before ours. */
async function fenceFinding(by: string, ask: () => Promise<Looked>): Promise<Finding> {
  const what = `${FENCE}with ${by}`;
  try {
    const { status, body } = await ask();
    if (status !== 401)
      return {
        what,
        ok: false,
        text: `answered ${status} in place of 401: tokens are not asked for as they must be. Deploy again (infra/deploy.sh); until then stop the app (az functionapp stop --name <app> --resource-group <group>).`,
      };
    const ours = typeof body?.code === 'string';
    return {
      what,
      ok: true,
      text: ours ? '401 by Outrider itself' : '401 by the platform, before Outrider is asked',
    };
  } catch (error) {
    return { what, ok: false, text: `no answer: ${error instanceof Error ? error.message : String(error)}` };
  }
}
