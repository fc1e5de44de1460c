import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createCertificates } from '../../../lab/net/ca.ts';
import { createFaults, type Faults } from '../../../lab/net/faults.ts';
import { startFront } from '../../../lab/net/front.ts';
import { startProxy } from '../../../lab/net/proxy.ts';
import { createRequestLog } from '../../../lab/net/request-log.ts';
import type { LabClock, LabService } from '../../../lab/service.ts';
import { proxyByNode } from '../../support/node-proxy.ts';

export interface Wire {
  readonly faults: Faults;
  /** Requests that wanted to leave the lab. */
  refused(): readonly string[];
  stop(): Promise<void>;
}

/**
 * Puts stand-ins behind TLS under their production names, and leads this process' traffic to them: the
 * libraries run with production settings and check certificates. For the whole process: one wire per file.
 */
export async function startWire(services: readonly LabService[], clock: LabClock): Promise<Wire> {
  const hosts = services.flatMap((service) => service.hosts);
  const certificates = await createCertificates(hosts);
  const faults = createFaults({ random: () => 0 });
  const front = await startFront({ services, certificates, clock, faults, log: createRequestLog() });
  const proxy = await startProxy({
    portOf: (host) => (hosts.includes(host) ? front.port : undefined),
    now: () => clock.now(),
  });
  setDefaultCACertificates([...getCACertificates('bundled'), certificates.authority]);
  const environment = { HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1,localhost' };
  Object.assign(process.env, environment);
  const restoreProxy = proxyByNode(environment);
  return {
    faults,
    refused: () => proxy.refused().map(({ target }) => target),
    async stop() {
      restoreProxy();
      await proxy.stop();
      await front.stop();
    },
  };
}
