import { createVisitor, type Visit } from '../lab/entra/visitor.ts';
import type { OutriderApp } from './outrider-app.ts';

/** Where people reach the app: what it is told by its settings, and nothing that answers in the lab. */
export const ORIGIN = 'https://outrider.example';

/** A page of the app as a browser shows it. */
export interface Shown {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly headers: Headers;
  /** Where its one button leads. */
  readonly button: URL | undefined;
}

/** A person's browser: keeps the app's cookie as the rules say, runs no script, follows no redirect by itself. */
export interface Browser {
  /** An address of the app, as people have it. */
  open(address: string | URL): Promise<Shown>;
  /** From the button of the app's page through Microsoft's pages, as this user or with Cancel; the address that it ends at. */
  consent(shown: Shown, user: string | 'cancel'): Promise<URL>;
  readonly cookie: string | undefined;
}

export function createBrowser(app: Pick<OutriderApp, 'url' | 'cloud'>): Browser {
  const visitor = createVisitor();
  let cookie: string | undefined;

  return {
    get cookie() {
      return cookie;
    },
    async open(address) {
      const { origin, pathname, search } = new URL(address);
      if (origin !== ORIGIN) throw new Error(`The browser was sent to ${origin}.`);
      const headers: Record<string, string> = cookie === undefined ? {} : { cookie };
      const answer = await fetch(new URL(pathname + search, app.url), { redirect: 'manual', headers });
      for (const line of answer.headers.getSetCookie()) cookie = keptOf(line);
      const text = await answer.text();
      const title = /<h1>(.*?)<\/h1>/s.exec(text)?.[1] ?? '';
      const href = /<a class="go"[^>]* href="([^"]*)">/.exec(text)?.[1]?.replaceAll('&amp;', '&');
      const button = href === undefined ? undefined : new URL(href);
      return { status: answer.status, headers: answer.headers, text, title, button };
    },
    async consent({ button, title }, user) {
      const door = button && app.cloud.signInPage(button.href);
      if (door === undefined) throw new Error(`"${title}" has no button that leads to Microsoft.`);
      const opened = await visitor.open(door);
      const end: Visit = user === 'cancel' ? await opened.submit('cancel') : await visitor.goOn(opened, user);
      if (end.location === undefined) throw new Error(`Microsoft's pages end at "${end.title}".`);
      return end.location;
    },
  };
}

/** What a browser sends back. Fails for a cookie that it would not take, or would give to others. */
function keptOf(line: string): string {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const rules = attributes.map((each) => each.toLowerCase());
  for (const rule of ['secure', 'httponly', 'samesite=lax', 'path=/']) {
    if (!rules.includes(rule)) throw new Error(`The cookie is not ${rule}: ${attributes.join('; ')}`);
  }
  if (!pair.startsWith('__Host-') || rules.some((rule) => rule.startsWith('domain'))) {
    throw new Error('The cookie is not bound to its host.');
  }
  return pair;
}
