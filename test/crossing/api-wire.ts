import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { decodeJwt } from 'jose';
import type { Random } from '../../lab/defender/random.ts';
import type { LabAnswer, LabRequest, LabService } from '../../lab/service.ts';
import { type Actor, actorAtHand } from './actor.ts';
import type { Findings } from './findings.ts';
import type { SteadyClock } from './steady-clock.ts';
import { foreignIn, mayBeOf } from './tenants.ts';
import type { Troubles } from './troubles.ts';
import { othersIn } from './users.ts';

const LINK = /("@odata\.nextLink":"[^"]+)/;
/** Put on every link that an answer carries, and taken off again before the lab sees it. */
const LINK_OWNER = /&link-of=([\w-]+)/;

export interface ApiWireOptions {
  readonly services: readonly LabService[];
  readonly troubles: Troubles;
  readonly clock: SteadyClock;
  readonly random: Random;
  readonly findings: Findings;
  /** The actor that a token was issued to, by name. */
  readonly issuedTo: (token: string) => string | undefined;
}

/**
 * The lab's Defender as the wire of the transport. Checks of every call that the token, the URL, what is sent and the
 * rows of the answer are those of the tenant, and the person, in whose name the calling code runs.
 */
export function createApiWire(options: ApiWireOptions): HttpClient {
  const { services, troubles, clock, random, findings } = options;
  const { counts } = findings;
  let underWay = 0;

  async function answerTo(request: LabRequest, actor: Actor): Promise<LabAnswer> {
    checkToken(request, actor, options);
    checkRequest(request, actor, findings);
    // Answers overtake each other, so that any state between two calls is seen by others.
    for (let turns = random.int(0, 3); turns > 0; turns--) await turn();
    const refused = troubles.refusal(request, actor);
    if (refused) return refused;
    const service = services.find(({ hosts }) => hosts.includes(request.url.host));
    if (!service) throw new Error(`nobody answers for ${request.url.host}`);
    const target = request.rawTarget.replace(LINK_OWNER, '');
    return service.handle({ ...request, rawTarget: target, url: new URL(target, request.url) });
  }

  async function send(sent: PipelineRequest, actor: Actor, request: LabRequest) {
    const answer = await answerTo(request, actor);
    const text = textOf(answer);
    for (const foreign of foreignIn(text, actor.of)) {
      findings.crossing(`${actor.name} is answered with rows of ${foreign} at ${request.rawTarget}`);
    }
    return {
      request: sent,
      status: answer.status,
      headers: createHttpHeaders({ ...answer.headers, date: new Date(clock.now()).toUTCString() }),
      readableStreamBody: Readable.from([Buffer.from(text.replace(LINK, `$1&link-of=${actor.of.mark}`))]),
    };
  }

  return {
    async sendRequest(sent) {
      const actor = actorAtHand('a call');
      const url = new URL(sent.url);
      const request: LabRequest = {
        method: sent.method,
        url,
        rawTarget: `${url.pathname}${url.search}`,
        headers: sent.headers.toJSON(),
        body: Buffer.from(typeof sent.body === 'string' ? sent.body : ''),
      };
      counts.calls++;
      if (actor.signIn) counts.personCalls++;
      counts.callsAtOnce = Math.max(counts.callsAtOnce, ++underWay);
      try {
        const delayMs = troubles.delayMs(request);
        if (delayMs > 0) await clock.sleep(delayMs, sent.abortSignal as AbortSignal | undefined);
        return await clock.during(() => send(sent, actor, request));
      } finally {
        underWay--;
      }
    },
  };
}

/** The very token that was issued to the actor, and what it says itself is the same. */
function checkToken(
  { headers, rawTarget }: LabRequest,
  actor: Actor,
  { issuedTo, findings }: ApiWireOptions,
): void {
  const token = headers.authorization?.replace('Bearer ', '') ?? '';
  const { tid, oid, scp } = decodeJwt(token);
  const { user } = actor.signIn ?? {};
  const isRight =
    tid === actor.of.tenant.id && (user ? oid === user.id && scp !== undefined : scp === undefined);
  if (isRight && issuedTo(token) === actor.name) return;
  findings.crossing(`${actor.name} calls with the token of ${issuedTo(token)}, ${tid} ${oid}: ${rawTarget}`);
}

function checkRequest({ rawTarget, body }: LabRequest, actor: Actor, { counts, crossing }: Findings): void {
  const { of, signIn, name } = actor;
  const id = /\/incidents\/([^/?]+)/i.exec(rawTarget)?.[1];
  if (id !== undefined && !mayBeOf(of, id)) crossing(`${name} asks for the incident ${id} of another tenant`);
  const said = body.toString();
  const others = [...foreignIn(said, of), ...(signIn ? othersIn(said, signIn.user) : [])];
  for (const other of others) crossing(`${name} sends what is of ${other} to ${rawTarget}`);
  const owner = LINK_OWNER.exec(rawTarget)?.[1];
  if (owner === undefined) return;
  counts.linksFollowed++;
  if (owner !== of.mark) crossing(`${name} follows a link of ${owner}`);
}

function textOf({ body = '' }: LabAnswer): string {
  if (typeof body === 'string') return body;
  return Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body);
}
