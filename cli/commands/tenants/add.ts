import { type Command, InvalidArgumentError, Option } from 'commander';
import { isGuid } from '../../../shared/text.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { tellTenant } from './show.ts';
import { addTenantOptions, apiOf, type ShownTenant, type TenantOptions } from './target.ts';

interface AddOptions extends TenantOptions {
  readonly name?: string;
  readonly api?: string;
  readonly huntingApi?: string;
  readonly credential: string;
  readonly clientId?: string;
  readonly credentialName?: string;
  readonly group?: readonly string[];
  readonly tag?: Readonly<Record<string, string>>;
  readonly legalHold?: boolean;
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
    .option('--name <name>', 'as it is shown; default its id')
    .addOption(new Option('--api <family>', 'where its incidents are read').choices(['graph', 'xdr']))
    .addOption(new Option('--hunting-api <family>', 'where it is hunted in').choices(['graph', 'xdr']))
    .addOption(
      new Option('--credential <kind>', 'how to sign in to it')
        .choices(['federated', 'certificate', 'secret', 'managedIdentity'])
        .default('federated'),
    )
    .option('--client-id <id>', 'application id of the app that reads it')
    .option('--credential-name <name>', 'of its secret or certificate in Key Vault')
    .option('--group <name>', 'a group that it is in; may be repeated', addGroup)
    .option('--tag <name=value>', 'may be repeated', addTag)
    .option('--legal-hold', 'nothing of it is ever deleted')
    .option('--suspended', 'register it, and ask nothing of it yet')
    .addHelpText('after', EXAMPLES);
  addTenantOptions(add).action(async (tenantId: string, options: AddOptions) => {
    const body = registrationOf(tenantId, options);
    const api = await apiOf(options);
    const { body: tenant } = await api.call<ShownTenant>('/api/tenants', { method: 'POST', body });
    tellTenant(tenant, options.output);
  });
}

/** The body of the request that registers it. */
export function registrationOf(tenantId: string, options: Omit<AddOptions, 'output'>): object {
  if (!isGuid(tenantId)) {
    fail(EXIT.usage, `${tenantId.slice(0, 100)} is no directory id: a GUID, not a name or a domain.`);
  }
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
    tenantId,
    name,
    api,
    huntingApi,
    credential: { kind, clientId, ...(named === undefined ? {} : { [named]: credentialName }) },
    groups: group,
    tags: tag,
    sync: options.legalHold ? { legalHold: true } : undefined,
    state: options.suspended ? 'suspended' : 'active',
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
