import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { notes } from '../leak-watch/notes.ts';
import type { LabAnswer, LabClock, LabRequest, LabService } from '../service.ts';
import { sendAnswer } from './answer.ts';
import type { LabCertificates } from './ca.ts';
import { faultAnswer } from './fault-answer.ts';
import type { FaultRule, Faults } from './faults.ts';
import { findService } from './hosts.ts';
import { listenOnLoopback } from './listen.ts';
import { readRequest, UnreadableRequestError } from './request.ts';
import { loggedPath, type RequestLog } from './request-log.ts';

export interface FrontOptions {
  readonly services: readonly LabService[];
  /** Without them the front speaks plain http, which is only right for what Azure has on plain http, too. */
  readonly certificates?: LabCertificates;
  readonly clock: LabClock;
  readonly faults: Faults;
  readonly log: RequestLog;
  /** Longest request body in bytes; default 128 MiB. A longer one gets 413. */
  readonly maxBodyBytes?: number;
}

export interface Front {
  readonly port: number;
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 128 * 1024 * 1024;
/** Longer than clients keep a socket, as at Azure: the client is the one to close. */
const KEEP_ALIVE_MS = 120_000;

/**
 * The one server behind every host name of the lab. It reads a request whole, finds the stand-in by the
 * Host header, lets the fault rules strike, and sends what the stand-in answers, with the lab's time as Date.
 */
export async function startFront(options: FrontOptions): Promise<Front> {
  const { certificates } = options;
  const listener: RequestListener = (request, response) => {
    // A client that hangs up while it is answered is no fault of the lab.
    response.on('error', () => response.destroy());
    void answerRequest(options, request, response);
  };
  const settings = { keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true };
  const server =
    certificates === undefined
      ? createServer(settings, listener)
      : createHttpsServer({ ...settings, key: certificates.key, cert: certificates.certificate }, listener);
  const { port, close } = await listenOnLoopback(server);
  return { port, stop: close };
}

async function answerRequest(
  options: FrontOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { clock, log, services } = options;
  const started = performance.now();
  const time = new Date(clock.now()).toISOString();
  const service = findService(services, incoming.headers.host ?? '');
  let tenant: string | undefined;
  let answer: LabAnswer;
  let problem: string | undefined;
  try {
    const request = await readRequest(incoming, options.maxBodyBytes ?? MAX_BODY_BYTES);
    noteRequest(request, service?.name);
    tenant = service?.tenantOf?.(request);
    answer = service === undefined ? unknownHost(request) : await serve(options, service, request, tenant);
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) return;
    problem = error instanceof Error ? error.message : String(error);
    answer = labError(error instanceof UnreadableRequestError ? error.status : 500, problem);
  }
  const requestId = randomUUID();
  sendAnswer(response, answer, { date: new Date(clock.now()), requestId });
  log.add({
    time,
    service: service?.name ?? 'unknown',
    tenant,
    method: incoming.method ?? '',
    path: loggedPath(incoming.url ?? ''),
    status: answer.status,
    ms: Math.round((performance.now() - started) * 10) / 10,
    ...(answer.cut === undefined ? {} : { cut: true }),
    ...(answer.note === undefined ? {} : { note: answer.note }),
    ...(problem === undefined ? {} : { problem }),
  });
}

async function serve(
  { faults }: FrontOptions,
  service: LabService,
  request: LabRequest,
  tenant: string | undefined,
): Promise<LabAnswer> {
  const fault = faults.strike({
    service: service.name,
    tenant,
    method: request.method,
    target: request.rawTarget,
  });
  if (fault === undefined) return service.handle(request);
  if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { ref: false });
  if (fault.cut === 'before') return { status: fault.status ?? 500, cut: 'before' };
  const answer =
    fault.status === undefined
      ? await service.handle(request)
      : faultAnswer(service.name, { ...fault, status: fault.status });
  return withCut(answer, fault.cut);
}

/** Where a request carries its credential: the sign-in service's form, and these headers. */
const CREDENTIAL_HEADERS = new Set(['authorization', 'x-identity-header']);

/** All else that was sent may hold no secret; of storage, what is written is what is stored. */
function noteRequest({ method, url, rawTarget, headers, body }: LabRequest, service = 'unknown'): void {
  const shown = Object.entries(headers).filter(([name]) => !CREDENTIAL_HEADERS.has(name));
  const head = `${rawTarget}\n${shown.map(([name, value]) => `${name}: ${value}\n`).join('')}\n`;
  notes().seen(`${method} to ${service} at ${url.host}`, head, service === 'entra' ? '' : body);
}

function withCut(answer: LabAnswer, cut: FaultRule['cut']): LabAnswer {
  if (cut === undefined) return answer;
  return { ...answer, cut: cut === 'body' ? 'body' : 'before' };
}

function unknownHost(request: LabRequest): LabAnswer {
  return labError(421, `The lab stands in for no host named ${request.url.host}.`);
}

function labError(status: number, message: string): LabAnswer {
  return { status, body: { error: { code: 'LabError', message } } };
}
