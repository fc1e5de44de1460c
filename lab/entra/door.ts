import type { LabAnswer, LabService } from '../service.ts';

/**
 * The sign-in pages for a browser outside of the lab: over plain http on the loopback interface, under
 * `/<host>/<path>`, since such a browser would look for the real host, and does not trust the lab's certificates.
 */
export function createDoor(entra: LabService): LabService {
  return {
    name: entra.name,
    hosts: ['127.0.0.1', 'localhost'],
    async handle(request) {
      const [, host = '', rest = '/'] = /^\/([^/]+)(\/.*)?$/.exec(request.rawTarget) ?? [];
      const url = entra.hosts.includes(host) ? URL.parse(`https://${host}${rest}`) : null;
      if (url === null) return { status: 404 };
      return behindDoor(await entra.handle({ ...request, url, rawTarget: rest }), host);
    },
  };
}

/** The address at a door, for one that leads to a sign-in page; undefined for any other. */
export function doorAddress(
  door: string,
  entra: Pick<LabService, 'hosts'>,
  address: string,
): string | undefined {
  const url = URL.parse(address);
  if (url === null || url.protocol !== 'https:' || !entra.hosts.includes(url.host)) return undefined;
  return `${door}/${url.host}${url.pathname}${url.search}`;
}

/** Forms of the pages go to paths of the host; here these lie below its name. */
function behindDoor(answer: LabAnswer, host: string): LabAnswer {
  if (typeof answer.body !== 'string') return answer;
  return { ...answer, body: answer.body.replaceAll(' action="/', ` action="/${host}/`) };
}
