import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Defender } from './defender/defender.ts';
import { createRandom } from './defender/random.ts';
import type { DefenderSettings } from './defender/settings.ts';
import { createEnds, type Ends } from './ends.ts';
import type { Directory } from './entra/directory.ts';
import { createDoor, doorAddress } from './entra/door.ts';
import type { Entra } from './entra/entra.ts';
import { appEnvironment } from './environment.ts';
import type { KeyVault } from './key-vault/key-vault.ts';
import { noteOutputOfChildren } from './leak-watch/children.ts';
import { noteFiles } from './leak-watch/files.ts';
import type { ManagedIdentityHandler } from './managed-identity/managed-identity.ts';
import {
  type CertificateFiles,
  createCertificates,
  type LabCertificates,
  writeCertificates,
} from './net/ca.ts';
import { createFaults, type Faults } from './net/faults.ts';
import { startFront } from './net/front.ts';
import { findService } from './net/hosts.ts';
import { type LabProxy, type Refusal, startProxy } from './net/proxy.ts';
import { createRequestLog, type RequestLog } from './net/request-log.ts';
import { PROBE_DOMAIN } from './probe.ts';
import type { LabClock, LabService } from './service.ts';
import { createStandIns, type StandIns } from './stand-ins.ts';
import { type Azurite, startAzurite } from './storage/azurite.ts';
import { createStorage, storageHosts } from './storage/service.ts';
import { issueUserToken, type UserTokenOptions } from './user-token.ts';
import type { World } from './world.ts';

export interface CloudOptions {
  /** Number of customers; default 2. */
  readonly tenants?: number;
  /** Decides ids, generated incidents and the chance in faults; default 1. */
  readonly seed?: number;
  /** The lab's time; default the machine's. TLS and Azurite always go by the machine's. */
  readonly clock?: LabClock;
  /** How Defender behaves where its documents are silent; more in defender/settings.ts. */
  readonly defender?: Partial<DefenderSettings>;
  /** Where to keep the storage account's data; in memory when missing. */
  readonly keep?: string;
  /** For the lab's temporary files, removed at the end; default a new one among the system's. */
  readonly directory?: string;
  /** How far back the app's first load reaches, in days; its own default when missing. */
  readonly backfillDays?: number;
  /** Told every secret that passes: tokens issued, secrets accepted. For scans of logs and storage. */
  readonly onSecret?: (secret: string) => void;
  /** For how many days the app keeps history and resolved incidents; its own defaults when missing. */
  readonly retentionDays?: number;
}

/** What has happened to one customer in the lab. */
export interface TenantCalls {
  readonly id: string;
  readonly name: string;
  readonly api: 'graph' | 'xdr';
  /** Calls to its Defender APIs. */
  readonly apiCalls: number;
  /** Operations on the storage account whose address or content names it. */
  readonly storageOps: number;
}

/** The managed identity endpoint: what the app is told of it, what has been asked, and trouble for it. */
export interface CloudIdentity extends Omit<ManagedIdentityHandler, 'handle'> {
  readonly endpoint: string;
  readonly header: string;
}

/** A running offline cloud. */
export interface Cloud {
  /** Settings for the app, as in production. Merge with `processEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  readonly world: World;
  /** Who exists in Entra ID; may be changed while the lab runs. */
  readonly directory: Directory;
  readonly entra: Entra;
  readonly defender: Defender;
  readonly vault: KeyVault;
  readonly identity: CloudIdentity;
  readonly azurite: Azurite;
  readonly faults: Faults;
  /** Every request that the stand-ins have had. */
  readonly log: RequestLog;
  /** The file and the text of the lab's certificate authority. */
  readonly authority: { readonly file: string; readonly pem: string };
  /**
   * Where a browser outside of the lab finds a sign-in page, by the page's own address; undefined for an address that
   * is none of Entra ID's.
   */
  signInPage(address: string): string | undefined;
  /** Address of the door that these pages are behind. */
  readonly door: string;
  /** What has happened to each customer that the lab began with. */
  tenants(): readonly TenantCalls[];
  /** The same of any tenant. */
  callsFor(tenantId: string): Pick<TenantCalls, 'apiCalls' | 'storageOps'>;
  /** The token of an app that calls the Outrider API, with these app roles; by default one of the home tenant. */
  token(roles: readonly string[], tenantId?: string): Promise<string>;
  /** The token of a person who calls the Outrider API from the command line; see lab/user-token.ts. */
  userToken(options?: UserTokenOptions): Promise<string>;
  /** What tried to leave the lab; the lab's own probes are left out. */
  refused(): readonly Refusal[];
  /** The same with the probes. */
  allRefused(): readonly Refusal[];
  /** Ends everything and leaves nothing behind. May be called twice. */
  stop(): Promise<void>;
}

const STORAGE = ['blob', 'queue', 'table'];
const DEFENDER = ['graph', 'xdr'];

/** Starts the offline cloud. When a part does not start, the others are ended before the error is thrown. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  noteOutputOfChildren();
  const ends = createEnds();
  try {
    return { ...(await startParts(options, ends)), stop: ends.end };
  } catch (error) {
    await ends.end();
    throw error;
  }
}

/** Every part pushes how it is ended, in the order of starting. */
async function startParts(options: CloudOptions, ends: Ends): Promise<Omit<Cloud, 'stop'>> {
  const { clock = { now: Date.now } } = options;
  const standIns = createStandIns({ ...options, clock });
  const { world, entra } = standIns;
  const log = createRequestLog();
  const trust = await makeCertificates(standIns, options.directory, ends);
  const storage = await startStorage(standIns, trust, options.keep, ends);
  const services = [...standIns.services, ...storage.services];
  const network = await startNetwork({ ...options, clock, log, services, trust, standIns }, ends);
  const { proxy, faults, identity, door } = network;
  const authority = { file: trust.files.authorityFile, pem: trust.certificates.authority };
  const callsFor: Cloud['callsFor'] = (id) => ({
    apiCalls: log.callsTo(DEFENDER, id),
    storageOps: log.callsTo(STORAGE, id),
  });
  return {
    env: appEnvironment({
      ...options,
      world,
      proxyUrl: proxy.url,
      authorityFile: authority.file,
      identity,
    }),
    world,
    directory: standIns.directory,
    entra,
    defender: standIns.defender,
    vault: standIns.vault,
    identity,
    azurite: storage.azurite,
    faults,
    log,
    authority,
    signInPage: (address) => doorAddress(door, entra.service, address),
    door,
    tenants: () => world.tenants.map(({ id, name, api }) => ({ id, name, api, ...callsFor(id) })),
    callsFor,
    userToken: (wanted) => issueUserToken({ entra, world, directory: standIns.directory }, wanted),
    token: (roles, tenantId = world.home.id) =>
      entra.issue({
        tenantId,
        appId: world.caller.clientId,
        audience: world.api.clientId,
        roles,
      }),
    refused: () => proxy.refused().filter(({ target }) => !target.endsWith(`.${PROBE_DOMAIN}:443`)),
    allRefused: proxy.refused,
  };
}

interface Trust {
  readonly certificates: LabCertificates;
  readonly files: CertificateFiles;
}

async function makeCertificates(
  { services, world }: StandIns,
  directory: string | undefined,
  ends: Ends,
): Promise<Trust> {
  const made = await makeDirectory(directory);
  ends.push(() => rm(made, { recursive: true, force: true }));
  const hosts = services.flatMap((service) => service.hosts);
  const certificates = await createCertificates([...hosts, ...storageHosts(world.storageAccount)]);
  return { certificates, files: await writeCertificates(certificates, made) };
}

async function startStorage(
  { world, entra }: StandIns,
  { certificates, files }: Trust,
  keep: string | undefined,
  ends: Ends,
): Promise<{ readonly azurite: Azurite; readonly services: readonly LabService[] }> {
  const azurite = await startAzurite({
    account: world.storageAccount,
    certificateFile: files.certificateFile,
    keyFile: files.keyFile,
    ...(keep === undefined ? {} : { directory: keep }),
  });
  if (keep !== undefined) ends.push(() => noteFiles(keep));
  ends.push(azurite.stop);
  const storage = createStorage({
    account: world.storageAccount,
    tenantId: world.home.id,
    judge: entra.judge,
    mayUse: (caller) => caller.appId === world.identities.storage.clientId,
    portOf: azurite.port,
    authority: certificates.authority,
    tenantIds: [...world.tenants, world.prospect].map(({ id }) => id),
  });
  ends.push(storage.stop);
  return { azurite, services: storage.services };
}

interface NetworkOptions {
  readonly clock: LabClock;
  readonly seed?: number;
  readonly log: RequestLog;
  /** What answers behind the proxy. */
  readonly services: readonly LabService[];
  readonly trust: Trust;
  readonly standIns: StandIns;
}

async function startNetwork(
  { clock, seed = 1, log, services, trust, standIns }: NetworkOptions,
  ends: Ends,
): Promise<{
  readonly proxy: LabProxy;
  readonly faults: Faults;
  readonly identity: CloudIdentity;
  readonly door: string;
}> {
  const { identity, identityService, identityHeader } = standIns;
  const faults = createFaults({
    random: createRandom(seed).fork('faults').next,
    services: [...services, identityService].map(({ name }) => name),
  });
  const front = await startFront({ services, certificates: trust.certificates, clock, faults, log });
  ends.push(front.stop);
  const identityFront = await startFront({ services: [identityService], clock, faults, log });
  ends.push(identityFront.stop);
  const doorFront = await startFront({ services: [createDoor(standIns.entra.service)], clock, faults, log });
  ends.push(doorFront.stop);
  const proxy = await startProxy({
    portOf: (host) => (findService(services, host) === undefined ? undefined : front.port),
    now: clock.now,
  });
  ends.push(proxy.stop);
  const endpoint = `http://127.0.0.1:${identityFront.port}/msi/token`;
  const door = `http://127.0.0.1:${doorFront.port}`;
  return { proxy, faults, identity: { ...identity, endpoint, header: identityHeader }, door };
}

async function makeDirectory(directory: string | undefined): Promise<string> {
  if (directory === undefined) return mkdtemp(join(tmpdir(), 'outrider-lab-'));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}
