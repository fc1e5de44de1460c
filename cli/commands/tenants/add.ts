import { type Command, InvalidArgumentError, Option } from 'commander';
import { isGuid } from '../../../shared/text.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { tellTenant } from './show.ts';
import { addTenantOptions, apiOf, type ShownTenant, type TenantOptions } from './target.ts';

/** What a tenant is registered with. */
export interface FactOptions extends TenantOptions {
  readonly name?: string;
  readonly api?: string;
  readonly huntingApi?: string;
  readonly credential: string;
  readonly clientId?: string;
  readonly credentialName?: string;
  readonly group?: readonly string[];
  readonly tag?: Readonly<Record<string, string>>;
  readonly legalHold?: boolean;
}

interface AddOptions extends FactOptions {
  readonly suspended?: boolean;
}

const EXAMPLES = `
Examples:
  $ outrider tenants add 7c2f3d4e-… --name Fabrikam --client-id 1b9a… --group emea
  $ outrider tenants add 7c2f3d4e-… --credential secret --client-id 1b9a… --credential-name fabrikam-app`;

/** `outrider tenants add TENANT`: its first sync begins by itself. */
export function registerTenantsAdd(tenants: Command): void {
  const add = tenants
    .command('add')
    .description('Register a tenant. Its first sync begins by itself.')
    .argument('<tenant>', 'its directory id')
    .option('--suspended', 'register it, and ask nothing of it yet')
    .addHelpText('after', EXAMPLES);
  addFactOptions(add, ['federated', 'certificate', 'secret', 'managedIdentity']);
  addTenantOptions(add).action(async (tenantId: string, options: AddOptions) => {
    const body = registrationOf(tenantId, options);
    const api = await apiOf(options);
    const { body: tenant } = await api.call<ShownTenant>('/api/tenants', { method: 'POST', body });
    tellTenant(tenant, options.output);
  });
}

/** How a tenant is shown and reached. */
export function addFactOptions(command: Command, credentials: readonly string[]): void {
  command
    .option('--name <name>', 'as it is shown; default its id')
    .addOption(new Option('--api <family>', 'where its incidents are read').choices(['graph', 'xdr']))
    .addOption(new Option('--hunting-api <family>', 'where it is hunted in').choices(['graph', 'xdr']))
    .addOption(
      new Option('--credential <kind>', 'how to sign in to it').choices(credentials).default('federated'),
    )
    .option('--client-id <id>', 'application id of the app that reads it')
    .option('--credential-name <name>', 'of its secret or certificate in Key Vault')
    .option('--group <name>', 'a group that it is in; may be repeated', addGroup)
    .option('--tag <name=value>', 'may be repeated', addTag)
    .option('--legal-hold', 'nothing of it is ever deleted');
}

/** The body of the request that registers it. */
export function registrationOf(tenantId: string, options: Omit<AddOptions, 'output'>): object {
  requireDirectoryId(tenantId);
  return { tenantId, ...factsOf(options), state: options.suspended ? 'suspended' : 'active' };
}

export function requireDirectoryId(tenantId: string): void {
  if (isGuid(tenantId)) return;
  fail(EXIT.usage, `${tenantId.slice(0, 100)} is no directory id: a GUID, not a name or a domain.`);
}

/** What is said of the tenant in a request's body. */
export function factsOf(options: Omit<FactOptions, 'output'>): object {
  const { credential: kind, clientId, credentialName, name, api, huntingApi, group, tag } = options;
  const named = kind === 'secret' ? 'secretName' : kind === 'certificate' ? 'certificateName' : undefined;
  if (kind !== 'managedIdentity' && clientId === undefined) {
    fail(EXIT.usage, `A credential of kind ${kind} needs --client-id.`);
  }
  if ((named === undefined) !== (credentialName === undefined)) {
    fail(
      EXIT.usage,
      named === undefined
        ? `A credential of kind ${kind} has no --credential-name.`
        : `A credential of kind ${kind} needs --credential-name, the name of its ${kind} in Key Vault.`,
    );
  }
  return {
    name,
    api,
    huntingApi,
    credential: { kind, clientId, ...(named === undefined ? {} : { [named]: credentialName }) },
    groups: group,
    tags: tag,
    sync: options.legalHold ? { legalHold: true } : undefined,
  };
}

function addGroup(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

function addTag(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
