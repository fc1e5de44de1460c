import type { DefenderSettings } from '../../../lab/defender/settings.ts';
import type { LabAnswer } from '../../../lab/service.ts';
import { NOON, startLab, TENANT, type TestLab } from '../defender/support.ts';

export { NOON, TENANT };
export const GRAPH = 'https://graph.microsoft.com/v1.0/security/runHuntingQuery';
export const XDR = 'https://api.security.microsoft.com/api/advancedhunting/run';
const HUNT_ROLES = ['ThreatHunting.Read.All', 'AdvancedHunting.Read.All'];

export type Row = Readonly<Record<string, unknown>>;

/** An answer to a hunt, in whichever letters it came. */
export interface HuntAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly note: string | undefined;
  readonly rows: readonly Row[];
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

export interface HuntLab extends TestLab {
  /** Sends a body to Graph, or to another address. */
  post(body: unknown, url?: string, headers?: Readonly<Record<string, string>>): Promise<HuntAnswer>;
  /** Hunts through Graph. */
  hunt(query: string, timespan?: string): Promise<HuntAnswer>;
}

/** A lab in which nothing limits the calls, and every query has rows. */
export function startHuntLab(
  settings: Partial<DefenderSettings> = {},
  options: { readonly seed?: number; readonly roles?: readonly string[]; readonly tenant?: string } = {},
): HuntLab {
  const lab = startLab(
    { huntCallsPerMinute: null, huntCpuMsPerCycle: null, huntRowsPerHour: 2, ...settings },
    {
      caller: { roles: options.roles ?? HUNT_ROLES, tenantId: options.tenant ?? TENANT },
      ...(options.seed === undefined ? {} : { seed: options.seed }),
    },
  );

  async function post(body: unknown, url = GRAPH, headers: Readonly<Record<string, string>> = {}) {
    const { host, pathname } = new URL(url);
    const service = lab.defender.services.find(({ hosts }) => hosts.includes(host));
    if (!service) throw new Error(`no service answers for ${host}`);
    const answer = await service.handle({
      method: 'POST',
      url: new URL(url),
      rawTarget: pathname,
      headers: {
        authorization: 'Bearer test',
        'content-type': 'application/json; charset=utf-8',
        ...headers,
      },
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    });
    return read(answer);
  }

  return {
    ...lab,
    post,
    hunt: (query, timespan) =>
      post({ Query: query, ...(timespan === undefined ? {} : { Timespan: timespan }) }),
  };
}

function read({ status, headers = {}, body, note }: LabAnswer): HuntAnswer {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : String(body);
  const json = JSON.parse(text) as {
    results?: Row[];
    Results?: Row[];
    error?: { code: string; message: string };
  };
  return { status, headers, text, note, rows: json.results ?? json.Results ?? [], error: json.error };
}

/** A moment as hunting answers write it: `hoursAgo` before the lab's noon, with ticks of 100 ns. */
export function moment(hoursAgo: number, ticks = 0): string {
  const at = new Date(NOON - hoursAgo * 3_600_000).toISOString().slice(0, -1);
  return `${at}${String(ticks).padStart(4, '0')}Z`;
}
