import type { LabAnswer } from '../../service.ts';
import { type AadstsProblem, aadstsTime } from '../aadsts.ts';
import { hidden, html, page } from './html.ts';

/** A request that no application can be told about: the person sees it instead. */
export function problemPage({ number, status, text }: AadstsProblem, now: number): LabAnswer {
  return page({
    title: 'Sign-in failed',
    status,
    body: html`<p>AADSTS${String(number)}: ${text}</p><p class="note">Timestamp: ${aadstsTime(now)}</p>`,
  });
}

export function messagePage(title: string, text: string): LabAnswer {
  return page({ title, body: html`<p>${text}</p>` });
}

/** Where the code of a device is entered. */
export function codePage(action: string, complaint?: string): LabAnswer {
  const alert = complaint === undefined ? '' : html`<p role="alert">${complaint}</p>`;
  return page({
    title: 'Enter code',
    body: html`${alert}<form method="post" action="${action}">
<p><label for="code">Code that your application or device shows</label></p>
<p><input type="text" id="code" name="otc" autocomplete="off" required autofocus></p>
<button class="main">Next</button>
</form>`,
  });
}

/** Sends an answer to an application by a form: `response_mode=form_post`. */
export function formPostPage(target: string, fields: URLSearchParams): LabAnswer {
  return page({
    title: 'Back to the application',
    submits: true,
    body: html`<form method="post" action="${target}">
${[...fields].map(([name, value]) => hidden(name, value))}
<button class="main">Continue</button>
</form>`,
  });
}
