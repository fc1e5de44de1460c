import type { Expected } from './oracle.ts';
import { authorizationText, type FuzzRequest, type TokenPool } from './request.ts';
import { ONBOARDING } from './routes.ts';
import type { Outcome, WireAnswer } from './wire.ts';

/** What no answer may show: stacks, files, and where we keep things. */
const INSIDE =
  /\bat \S+ \(|\bat [\w.<>]+ file:|node_modules|\.[cm]?[jt]s:\d|file:\/\/|\/tmp\/|\/work\/|\/home\/|"stack"|core\.windows\.net|ECONN|Error:/;
const ECHO = 20;
/** Statuses with which a host refuses by itself, without a body. */
const OF_THE_HOST: readonly (number | string)[] = [400, 404, 413, 417, 431, 'closed'];

/** What is wrong with the answer to a request: a sentence for each thing, none when all is well. */
export function inspect(
  request: FuzzRequest,
  outcome: Outcome,
  { expected, pool }: { readonly expected: Expected; readonly pool: TokenPool },
): readonly string[] {
  const { hostMayRefuse, route } = expected;
  if (typeof outcome.status === 'string') {
    if (outcome.status === 'closed' && hostMayRefuse) return [];
    return [`was answered by nothing that is an answer (${outcome.status}): ${outcome.why}`];
  }
  const answer = outcome as WireAnswer;
  const ofFunction = answer.headers.has('x-correlation-id');
  const wrong = [...statusFaults(answer, expected), ...leaks(request, answer, pool)];
  if (!ofFunction) {
    const fits = OF_THE_HOST.includes(answer.status) && answer.body === '';
    if (!fits)
      wrong.push(`was answered ${answer.status} by no function of ours: ${answer.body.slice(0, 200)}`);
    else if (route !== undefined && !hostMayRefuse) wrong.push(`did not reach ${route}: ${answer.status}`);
    return wrong;
  }
  if (route === undefined) wrong.push('reached a function although its address and method are none’s');
  else if (!expected.statuses.includes(answer.status)) {
    wrong.push(`was answered ${answer.status} by ${route}, not ${expected.statuses.join(' or ')}`);
  }
  return [...wrong, ...(route === ONBOARDING.name ? pageFaults(answer) : formFaults(answer, expected))];
}

function statusFaults({ status }: WireAnswer, { allowed, open, verdict }: Expected): readonly string[] {
  if (status >= 500) return [`was answered ${status}: a failure of ours`];
  if (status >= 400 || allowed || open) return [];
  const who = {
    none: 'nobody',
    bad: 'a caller whose token does not hold',
    good: 'a caller without the role',
  };
  return [`was answered ${status} to ${who[verdict.sort]}`];
}

function leaks(request: FuzzRequest, { headers, body }: WireAnswer, pool: TokenPool): readonly string[] {
  const text = `${[...headers.values()].join('\n')}\n${body}`;
  const wrong: string[] = [];
  const inside = INSIDE.exec(text)?.[0];
  if (inside !== undefined) wrong.push(`was answered with something of our inside: ${inside}`);
  const sent = request.authorizations.map((each) => authorizationText(each, pool));
  if (sent.some((secret) => echoes(text, secret))) wrong.push('was answered with a part of its token');
  return wrong;
}

/** Whether any {@link ECHO} characters of a token are in the text. */
function echoes(text: string, secret: string): boolean {
  for (const word of new Set(text.match(/[\w.-]{20,}/g))) {
    for (let from = 0; from + ECHO <= word.length; from++) {
      if (secret.includes(word.slice(from, from + ECHO))) return true;
    }
  }
  return false;
}

/** Nothing of the request shows on a page that no link has opened, so all are the same but for what was asked wrongly. */
function pageFaults({ headers, body }: WireAnswer): readonly string[] {
  const wrong: string[] = [];
  if (headers.get('content-type') !== 'text/html; charset=utf-8') wrong.push('was answered with no page');
  if (headers.get('cache-control') !== 'no-store') wrong.push('was answered with something to be cached');
  if (!headers.get('content-security-policy')?.startsWith("default-src 'none'"))
    wrong.push('was answered with a page that could load anything');
  if (headers.has('set-cookie') || headers.has('location')) wrong.push('was led on without a link');
  if (!/<h1>(Open the link again|This link is not valid)<\/h1>/.test(body))
    wrong.push(`was shown another page: ${body.slice(0, 300)}`);
  return wrong;
}

function formFaults({ status, headers, body }: WireAnswer, { open }: Expected): readonly string[] {
  const wrong: string[] = [];
  const type = headers.get('content-type') ?? '';
  if (headers.get('cache-control') !== 'no-store') wrong.push('was answered with something to be cached');
  if (status < 400) {
    if (!/^application\/json\b/.test(type)) wrong.push(`was answered with ${type}`);
    if (open && body !== '{"status":"ok"}')
      wrong.push(`shows more of health to anybody: ${body.slice(0, 200)}`);
    if (!isJson(body)) wrong.push('was answered with something that is no JSON');
    return wrong;
  }
  if (type !== 'application/problem+json') return [...wrong, `was refused with ${type}, not a problem`];
  const problem = isJson(body) ? (JSON.parse(body) as Record<string, unknown>) : {};
  const sound =
    problem.status === status &&
    /^urn:outrider:error:[a-z_.]+$/.test(String(problem.type)) &&
    problem.type === `urn:outrider:error:${problem.code}` &&
    problem.correlationId === headers.get('x-correlation-id') &&
    /\w+ \w+/.test(String(problem.title)) &&
    /\w+ \w+ \w+/.test(String(problem.detail));
  if (!sound) wrong.push(`was refused without a readable text: ${body.slice(0, 300)}`);
  if (status === 401 && headers.get('www-authenticate') !== 'Bearer') wrong.push('401 names no scheme');
  return wrong;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
