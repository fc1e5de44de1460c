import type { LabService } from '../../../lab/service.ts';
import { request } from './fixture.ts';

/** What a visit to an address has come to. */
export interface Visit {
  readonly status: number;
  /** Where the browser is sent next; undefined when a page is shown. */
  readonly location: URL | undefined;
  /** The page's markup. */
  readonly text: string;
  readonly title: string;
  /** Sends the page's form of this step, or its only form when it names none. */
  submit(step: string | undefined, fields?: Readonly<Record<string, string>>): Promise<Visit>;
  /** The values of the fields that the page sends on by itself. */
  readonly hidden: Readonly<Record<string, string>>;
}

/** Goes to an address; a POST when there is a form. Redirects are not followed. */
export type Send = (
  url: URL,
  form?: URLSearchParams,
) => Promise<{ readonly status: number; readonly location: string | undefined; readonly text: string }>;

/** A person with a browser without cookies and scripts. */
export interface Visitor {
  open(url: string | URL): Promise<Visit>;
  /** Presses what leads on, page by page, as this user, until there is nothing left to press. */
  signIn(url: string | URL, userPrincipalName: string): Promise<Visit>;
  /** The same from a page that is already open. */
  goOn(visit: Visit, userPrincipalName: string): Promise<Visit>;
}

export function createVisitor(send: Send = byFetch): Visitor {
  async function visit(url: URL, form?: URLSearchParams): Promise<Visit> {
    const { status, location, text } = await send(url, form);
    return {
      status,
      location: location === undefined ? undefined : new URL(location, url),
      text,
      title: plain(/<h1>(.*?)<\/h1>/s.exec(text)?.[1] ?? ''),
      hidden: hiddenFields(text),
      submit(step, fields = {}) {
        const found = formOf(text, step);
        const body = new URLSearchParams({ ...hiddenFields(found.markup), ...fields });
        return visit(new URL(found.action, url), body);
      },
    };
  }

  async function goOn(start: Visit, userPrincipalName: string): Promise<Visit> {
    let now = start;
    for (let step = 0; step < 8; step += 1) {
      const next = ['account', 'device', 'factor', 'consent'].find((name) => hasStep(now.text, name));
      if (next === undefined) return now;
      const fields = next === 'account' ? { user: userIdOn(now.text, userPrincipalName) } : {};
      now = await now.submit(next, fields);
    }
    throw new Error(`The sign-in does not end: ${now.title}`);
  }

  return {
    open: (url) => visit(new URL(url)),
    signIn: async (url, userPrincipalName) => goOn(await visit(new URL(url)), userPrincipalName),
    goOn,
  };
}

const byFetch: Send = async (url, form) => {
  const response = await fetch(url, {
    redirect: 'manual',
    ...(form === undefined ? {} : { method: 'POST', body: form }),
  });
  const location = response.headers.get('location') ?? undefined;
  return { status: response.status, location, text: await response.text() };
};

/** Asks a stand-in without a socket. */
export function byService(service: LabService): Send {
  return async (url, form) => {
    const options = form === undefined ? {} : { body: Buffer.from(form.toString()) };
    const answer = await service.handle(request(form === undefined ? 'GET' : 'POST', url.href, options));
    const text = typeof answer.body === 'string' ? answer.body : '';
    return { status: answer.status, location: answer.headers?.location, text };
  };
}

function formOf(
  text: string,
  step: string | undefined,
): { readonly action: string; readonly markup: string } {
  for (const [markup, action = ''] of text.matchAll(/<form method="post" action="([^"]*)">.*?<\/form>/gs)) {
    if (step === undefined || hasStep(markup, step)) return { action: plain(action), markup };
  }
  throw new Error(`The page has no form for ${step}: ${text}`);
}

const hasStep = (markup: string, step: string): boolean => markup.includes(`name="step" value="${step}"`);

function hiddenFields(markup: string): Record<string, string> {
  const fields = markup.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [plain(name), plain(value)]));
}

function userIdOn(text: string, userPrincipalName: string): string {
  for (const [markup, id = ''] of text.matchAll(/<button name="user" value="([^"]*)">.*?<\/button>/gs)) {
    if (plain(markup).includes(userPrincipalName)) return id;
  }
  throw new Error(`The page does not offer ${userPrincipalName}.`);
}

const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function plain(markup: string): string {
  return markup.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => CHARACTERS[name] ?? '');
}
