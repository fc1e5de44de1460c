import { createDefender, type Defender } from '../../../lab/defender/defender.ts';
import type { DefenderSettings } from '../../../lab/defender/settings.ts';
import type { LabAnswer, LabCaller, LabService, LabUser, TokenJudge, Verdict } from '../../../lab/service.ts';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const NOON = Date.UTC(2026, 10, 20, 12, 0, 0);
const ALL_ROLES = ['SecurityIncident.Read.All', 'SecurityAlert.Read.All', 'Incident.Read.All'];

/** A clock that a test moves by hand. */
export interface HandClock {
  now(): number;
  forward(ms: number): void;
}

function handClock(start = NOON): HandClock {
  let time = start;
  return {
    now: () => time,
    forward(ms) {
      time += ms;
    },
  };
}

/** A user with this right in Defender. */
export const person = (defender: LabUser['defender']): LabUser => ({
  id: 'user-1',
  name: 'ana@x.example',
  defender,
});

/** A judge that takes the verdict from the test; the token's text does not matter. */
export interface FakeJudge extends TokenJudge {
  verdict: Verdict;
  readonly audiences: string[][];
}

function fakeJudge(caller: Partial<LabCaller> = {}): FakeJudge {
  const audiences: string[][] = [];
  return {
    audiences,
    verdict: {
      ok: true,
      caller: { tenantId: TENANT, appId: 'app-1', roles: ALL_ROLES, scopes: [], ...caller },
    },
    async verify(_authorization, wanted) {
      audiences.push([...wanted]);
      return this.verdict;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  json(): Json;
}

/** A parsed JSON object whose members a test may reach into. */
export interface Json {
  readonly [name: string]: Json;
}

export interface TestLab {
  readonly defender: Defender;
  readonly clock: HandClock;
  readonly judge: FakeJudge;
  /** Sends a GET; the target is written on the wire as given. */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Sends this as JSON, a text as it is. */
  send(method: 'PATCH' | 'POST', url: string, body: object | string): Promise<Answer>;
}

export function startLab(
  settings: Partial<DefenderSettings> = {},
  options: { readonly seed?: number; readonly caller?: Partial<LabCaller> } = {},
): TestLab {
  const clock = handClock();
  const judge = fakeJudge(options.caller);
  const defender = createDefender({
    clock,
    judge,
    settings: {
      graphCallsPerMinute: null,
      xdrListCallsPerMinute: null,
      xdrGetCallsPerMinute: null,
      xdrCallsPerHour: null,
      ...settings,
    },
    seed: options.seed ?? 7,
  });
  return {
    defender,
    clock,
    judge,
    get: (url, headers) => send(defender.services, url, { headers }),
    send: (method, url, body) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return send(defender.services, url, { method, body: Buffer.from(text) });
    },
  };
}

async function send(
  services: readonly LabService[],
  url: string,
  {
    method = 'GET',
    headers = {},
    body = Buffer.alloc(0),
  }: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly body?: Buffer;
  },
): Promise<Answer> {
  const [, host = '', rawTarget = '/'] = /^https:\/\/([^/]+)(\/.*)$/.exec(url) ?? [];
  const service = services.find(({ hosts }) => hosts.includes(host));
  if (!service) throw new Error(`no service answers for ${host}`);
  const answer = await service.handle({
    method,
    url: new URL(url),
    rawTarget,
    headers: { authorization: 'Bearer test', ...headers },
    body,
  });
  const text = bodyText(answer);
  return { status: answer.status, headers: answer.headers ?? {}, text, json: () => JSON.parse(text) as Json };
}

function bodyText({ body }: LabAnswer): string {
  if (body === undefined) return '';
  if (typeof body === 'string') return body;
  return Buffer.isBuffer(body) ? body.toString('utf8') : JSON.stringify(body);
}
