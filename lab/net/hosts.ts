import type { LabService } from '../service.ts';

/** The stand-in that answers for a Host header (a port is ignored), exact names before `*.` ones. */
export function findService(services: readonly LabService[], hostHeader: string): LabService | undefined {
  const host = hostHeader.toLowerCase().replace(/:\d+$/, '');
  const wildcard = host.replace(/^[^.]+\./, '*.');
  return (
    services.find((service) => service.hosts.includes(host)) ??
    services.find((service) => service.hosts.includes(wildcard))
  );
}
