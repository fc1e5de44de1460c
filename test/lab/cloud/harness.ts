import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createCertificates, writeCertificates } from '../../../lab/net/ca.ts';
import { createFaults, type Faults } from '../../../lab/net/faults.ts';
import { startFront } from '../../../lab/net/front.ts';
import { type LabProxy, startProxy } from '../../../lab/net/proxy.ts';
import { createRequestLog, type RequestLog } from '../../../lab/net/request-log.ts';
import type { LabService, TokenJudge, Verdict } from '../../../lab/service.ts';
import { type Azurite, startAzurite } from '../../../lab/storage/azurite.ts';
import { createStorage, storageHosts } from '../../../lab/storage/service.ts';

export const ACCOUNT = 'outriderlab';
const HOME = '11111111-1111-4111-8111-111111111111';
export const CUSTOMER = '22222222-2222-4222-8222-222222222222';
const STORAGE_APP = '33333333-3333-4333-8333-333333333333';

/** Tokens that the judge of this harness knows, and what it says of each. */
const TOKENS: Readonly<Record<string, Verdict>> = {
  good: { ok: true, caller: { tenantId: HOME, appId: STORAGE_APP, roles: [], scopes: [] } },
  'other-app': { ok: true, caller: { tenantId: HOME, appId: CUSTOMER, roles: [], scopes: [] } },
  'other-tenant': { ok: true, caller: { tenantId: CUSTOMER, appId: STORAGE_APP, roles: [], scopes: [] } },
  expired: { ok: false, reason: 'expired' },
};

export interface Frame {
  readonly authority: string;
  readonly directory: string;
  readonly authorityFile: string;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly proxy: LabProxy;
  readonly azurite: Azurite | undefined;
  stop(): Promise<void>;
}

export interface FrameOptions {
  readonly services?: readonly LabService[];
  readonly storage?: boolean;
  readonly now?: () => number;
  /** Where Azurite keeps its data; in memory when missing. */
  readonly dataDirectory?: string;
  readonly maxBodyBytes?: number;
}

/** The frame alone, as the lab puts it together: certificates, front, proxy and, when asked for, storage. */
export async function startFrame(options: FrameOptions = {}): Promise<Frame> {
  const directory = await mkdtemp(join(tmpdir(), 'outrider-frame-'));
  const now = options.now ?? Date.now;
  const hosts = [...(options.services ?? []).flatMap((service) => service.hosts), ...storageHosts(ACCOUNT)];
  const certificates = await createCertificates(hosts);
  const files = await writeCertificates(certificates, directory);
  const azurite = options.storage
    ? await startAzurite({
        account: ACCOUNT,
        ...files,
        ...(options.dataDirectory === undefined ? {} : { directory: options.dataDirectory }),
      })
    : undefined;
  const storage = createStorage({
    account: ACCOUNT,
    tenantId: HOME,
    judge,
    mayUse: (caller) => caller.appId === STORAGE_APP,
    portOf: (kind) => azurite?.port(kind),
    authority: certificates.authority,
    tenantIds: [CUSTOMER],
  });
  const faults = createFaults({ random: () => 0.5 });
  const log = createRequestLog();
  const front = await startFront({
    services: [...(options.services ?? []), ...(options.storage ? storage.services : [])],
    certificates,
    clock: { now },
    faults,
    log,
    ...(options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }),
  });
  const proxy = await startProxy({
    portOf: (host) => (hosts.includes(host) ? front.port : undefined),
    now,
  });
  return {
    authority: certificates.authority,
    authorityFile: files.authorityFile,
    directory,
    faults,
    log,
    proxy,
    azurite,
    async stop() {
      await proxy.stop();
      await front.stop();
      storage.stop();
      await azurite?.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Lets the libraries of this process live in the lab, as a child started with its environment would. */
export function enterLab(frame: {
  readonly authority: string;
  readonly proxy: { readonly url: string };
}): void {
  process.env.HTTPS_PROXY = frame.proxy.url;
  process.env.NO_PROXY = '127.0.0.1,localhost';
  setDefaultCACertificates([...getCACertificates('bundled'), frame.authority]);
}

const judge: TokenJudge = {
  async verify(authorization) {
    if (authorization === undefined) return { ok: false, reason: 'missing' };
    return TOKENS[authorization.replace('Bearer ', '')] ?? { ok: false, reason: 'signature' };
  },
};
