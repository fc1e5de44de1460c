import { CLOUDS, type Cloud, cloudNamed } from '../../shared/clouds.ts';
import type { Config } from '../../shared/config.ts';
import { isGuid } from '../../shared/text.ts';
import { EXIT, fail } from '../output/failure.ts';

type TargetConfig = Pick<Config, 'cloud' | 'tenants' | 'api' | 'commandLineClientId' | 'faults'>;

const DISCOVERY_MS = 15_000;
const REGISTRATION =
  'It is the application (client) id of an app registration for people at the command line: see "Signing in at the command line" in docs/operations.md.';
const DOMAIN = /^(?=.{4,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i;

/** @throws CommandFailure when it is missing or no GUID */
export function clientIdFor(config: TargetConfig, wanted: string | undefined): string {
  const fault = config.faults.find(({ setting }) => setting === 'OUTRIDER_CLI_CLIENT_ID');
  if (wanted === undefined && fault) return fail(EXIT.usage, `${fault.text} ${REGISTRATION}`);
  const id = wanted ?? config.commandLineClientId;
  if (id === undefined) {
    return fail(EXIT.usage, `Set OUTRIDER_CLI_CLIENT_ID, or name it by --client-id. ${REGISTRATION}`);
  }
  return isGuid(id) ? id.toLowerCase() : fail(EXIT.usage, `--client-id must be a GUID. ${REGISTRATION}`);
}

/** @throws OutriderError `config.cloud_unsupported` */
export function cloudFor(config: TargetConfig, wanted: string | undefined): Cloud {
  if (wanted !== undefined) return cloudNamed(wanted);
  const fault = config.faults.find(({ area }) => area === 'cloud');
  return fault ? fail(EXIT.usage, fault.text) : config.cloud;
}

/** Where to sign in: the tenant that is named, the API's, the only one, or whichever the person belongs to. */
export function loginTenantFor(config: TargetConfig, wanted: string | undefined): string {
  if (wanted === undefined) {
    const [only, ...more] = config.tenants;
    return config.api?.tenantId ?? (more.length === 0 && only ? only.id : 'organizations');
  }
  return wanted.trim().toLowerCase() === 'organizations' ? 'organizations' : tenantNamed(config, wanted);
}

/**
 * A directory id or domain name. A name of the settings becomes its id.
 *
 * @throws CommandFailure for what is no tenant
 */
export function tenantNamed(config: Pick<TargetConfig, 'tenants'>, wanted: string): string {
  const word = wanted.trim();
  const known = config.tenants.find(({ name }) => name.toLowerCase() === word.toLowerCase());
  if (known) return known.id;
  if (isGuid(word) || DOMAIN.test(word)) return word.toLowerCase();
  const either = 'Name a directory id (a GUID) or a domain name such as contoso.onmicrosoft.com.';
  if (/^(common|consumers)$/i.test(word)) {
    return fail(
      EXIT.usage,
      `--tenant ${word} would let personal Microsoft accounts in, which have no Defender. ${either}`,
    );
  }
  if (/^organizations$/i.test(word)) {
    return fail(EXIT.usage, `A token is always for one tenant; organizations is none. ${either}`);
  }
  const names = config.tenants.map(({ name }) => name).join(', ');
  return fail(
    EXIT.usage,
    `There is no tenant ${JSON.stringify(word)}. ${either}${names ? ` Known by name: ${names}.` : ''}`,
  );
}

/** The cloud of a sign-in, which must be the one that the settings' tenants are in. */
export function cloudOfSignIn(config: TargetConfig, name: Cloud['name']): Cloud {
  if (name !== config.cloud.name && config.tenants.length > 0) {
    return fail(
      EXIT.usage,
      `You are signed in to the cloud ${name}, and the tenants of the settings are in ${config.cloud.name} (OUTRIDER_CLOUD). Run: outrider login --cloud ${config.cloud.name}`,
    );
  }
  return CLOUDS[name];
}

/**
 * The directory id behind a domain name, as sign-in publishes it; an id stays what it is.
 *
 * @throws CommandFailure when there is no such tenant, or no answer
 */
export async function directoryIdOf(
  tenant: string,
  { signIn }: Pick<Cloud, 'signIn'>,
  send: typeof fetch = fetch,
): Promise<string> {
  if (isGuid(tenant)) return tenant.toLowerCase();
  const url = `${signIn}/${encodeURIComponent(tenant)}/v2.0/.well-known/openid-configuration`;
  const init = { redirect: 'error', signal: AbortSignal.timeout(DISCOVERY_MS) } as const;
  const metadata: unknown = await send(url, init)
    .then((response) => response.json())
    .catch(() => undefined);
  const issuer =
    typeof metadata === 'object' && metadata !== null && 'issuer' in metadata ? metadata.issuer : undefined;
  const id = typeof issuer === 'string' ? URL.parse(issuer)?.pathname.split('/')[1] : undefined;
  if (id !== undefined && isGuid(id)) return id.toLowerCase();
  return fail(
    EXIT.no,
    `Sign-in at ${signIn} does not say which tenant ${tenant} is. Correct the name, or name the tenant by its directory id, a GUID.`,
  );
}
