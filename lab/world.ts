import { createHash } from 'node:crypto';
import { createPeople, type Part } from './people.ts';

/** A user-assigned managed identity of the lab. It lives in the home tenant. */
export interface WorldIdentity {
  readonly name: string;
  readonly clientId: string;
  /** Object id of its service principal: the subject of its tokens. */
  readonly objectId: string;
}

/** An app registration. */
export interface WorldApp {
  readonly name: string;
  readonly clientId: string;
}

/** A user of a tenant's directory. */
export interface WorldPerson {
  /** Object id in the tenant. */
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly part: Part;
  readonly userPrincipalName: string;
  /** Object id in the home tenant, for somebody from there who is a guest here. */
  readonly guestOf?: string;
}

/** A customer whose incidents are synced. */
export interface WorldTenant {
  readonly id: string;
  readonly name: string;
  /** Which API its incidents are read by. */
  readonly api: 'graph' | 'xdr';
  /** The app that may read them and how it signs in: Outrider's own, or one that the customer has registered. */
  readonly credential:
    | { readonly kind: 'federated'; readonly clientId: string }
    | { readonly kind: 'secret'; readonly clientId: string; readonly secretName: string };
}

/** A directory with Defender that is no customer yet, and has consented to nothing. */
export interface WorldProspect {
  readonly id: string;
  readonly name: string;
}

/** Who is who in the lab. Everything follows from the options; no secret is in here. */
export interface World {
  /** Where Outrider itself is deployed. */
  readonly home: { readonly id: string; readonly name: string };
  readonly identities: {
    /** Reads and writes the storage account. */
    readonly storage: WorldIdentity;
    /** Whose tokens the federated credentials trust. */
    readonly federation: WorldIdentity;
    /** Reads secrets of the vault. */
    readonly vault: WorldIdentity;
  };
  /** The Outrider API as an app registration of the home tenant. */
  readonly api: WorldApp;
  /** An app that calls the Outrider API. */
  readonly caller: WorldApp;
  /**
   * Outrider's own multi-tenant app, registered in the home tenant: a managed identity can only be trusted by
   * an app of its own tenant. Customers by federated credential have consented to it.
   */
  readonly reader: WorldApp;
  /** The public client of people at the command line, registered in the home tenant. */
  readonly commandLine: WorldApp;
  readonly people: readonly WorldPerson[];
  readonly tenants: readonly WorldTenant[];
  /** Whom Outrider can invite: whatever happens to it is none of the customers'. */
  readonly prospect: WorldProspect;
  readonly storageAccount: string;
  readonly vaultHost: string;
}

export interface WorldOptions {
  /** Number of customers, at least 1; default 2. */
  readonly tenants?: number;
  /** Decides every id; default 1. */
  readonly seed?: number;
}

/** Microsoft's own fictitious companies, so that nobody takes them for real ones. */
const NAMES = [
  'Fabrikam',
  'Northwind Traders',
  'Adventure Works',
  'Wingtip Toys',
  'Tailwind Traders',
  'Woodgrove Bank',
  'Litware',
  'Proseware',
];

/**
 * The lab's world: a home tenant, the first customer by federated credential over Graph, the second by Key
 * Vault secret over the Defender XDR API, further ones in turn; and a directory that is no customer yet.
 */
export function createWorld({ tenants = 2, seed = 1 }: WorldOptions = {}): World {
  if (!Number.isInteger(tenants) || tenants < 1) throw new RangeError('The lab needs at least one tenant.');
  const identity = (name: string): WorldIdentity => ({
    name,
    clientId: guid(seed, `${name} client`),
    objectId: guid(seed, `${name} object`),
  });
  const reader = { name: 'Outrider incident reader', clientId: guid(seed, 'reader') };
  const home = { id: guid(seed, 'home tenant'), name: 'Contoso Security' };
  const customers = Array.from({ length: tenants }, (_, index) => customer(seed, index, reader));
  const prospect = { id: guid(seed, 'prospect'), name: nameOf(tenants) };
  return {
    home,
    identities: {
      storage: identity('id-func'),
      federation: identity('id-fed'),
      vault: identity('id-vault'),
    },
    api: { name: 'Outrider API', clientId: guid(seed, 'api') },
    caller: { name: 'Outrider lab caller', clientId: guid(seed, 'caller') },
    reader,
    commandLine: { name: 'Outrider command line', clientId: guid(seed, 'command line') },
    people: createPeople({ home, tenants: customers, prospect, guid: (name) => guid(seed, name) }),
    tenants: customers,
    prospect,
    storageAccount: 'outriderlab',
    vaultHost: 'kv-outrider-lab.vault.azure.net',
  };
}

function customer(seed: number, index: number, reader: WorldApp): WorldTenant {
  const common = { id: guid(seed, `tenant ${index}`), name: nameOf(index) };
  if (index % 2 === 0) {
    return { ...common, api: 'graph', credential: { kind: 'federated', clientId: reader.clientId } };
  }
  const clientId = guid(seed, `app ${index}`);
  return {
    ...common,
    api: 'xdr',
    credential: { kind: 'secret', clientId, secretName: `outrider-app-${index + 1}` },
  };
}

const nameOf = (index: number): string => NAMES[index] ?? `Customer ${index + 1}`;

/** A GUID of version 4's form that follows from seed and name. */
function guid(seed: number, name: string): string {
  const bytes = createHash('sha256').update(`outrider lab ${seed} ${name}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
