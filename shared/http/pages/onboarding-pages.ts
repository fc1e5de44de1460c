import { APIS } from '../../apis.ts';
import { toOutriderError } from '../../errors.ts';
import type { NeededRole } from '../../tenants/onboarding/needed-roles.ts';
import type { End, Outcome } from '../../tenants/onboarding/outcome.ts';
import { statusOfCode } from '../problem.ts';
import { html, type Markup } from './html.ts';
import type { Page } from './page.ts';

type Shown<Kind extends Outcome['kind']> = Extract<Outcome, { readonly kind: Kind }>;

const ASK = 'Ask whoever sent you the link for a new invitation.';
const TELL = 'Tell whoever sent you the link';

/** What somebody reads who has opened a link: who asks, for what, and where the button leads. */
export function welcomePage(
  { invitation, needed }: Shown<'welcome'>,
  { host, consentLink }: { readonly host: string; readonly consentLink: string },
): Page {
  const { from, tenantId, expiresMs, facts } = invitation;
  const only = tenantId && html`<tr><th>Only for the directory</th><td><code>${tenantId}</code></td></tr>`;
  return {
    status: 200,
    title: `Connect your organization to ${from ?? host}`,
    body: html`<p>You have been invited to let ${from ?? host} read the security incidents of your organization and run hunting
queries in it, with Outrider. For that an administrator consents to an application on a page of Microsoft.</p>
<table>
<tr><th>Invited by</th><td>${from ?? host}</td></tr>
<tr><th>Outrider at</th><td>${host}</td></tr>
<tr><th>Application</th><td><code>${'clientId' in facts.credential ? facts.credential.clientId : ''}</code></td></tr>
${only || undefined}
<tr><th>Valid until</th><td>${utc(expiresMs)}</td></tr>
</table>
<p>Outrider needs these permissions of the application, without a signed-in user:</p>
${roleTable(needed)}
<p>Microsoft's page shows everything that the application asks for. Check that the application's id and publisher are those
that you expect. You can take your consent back at any time in the Microsoft Entra admin center, under Enterprise applications.</p>
<p><a class="go" rel="noreferrer" href="${consentLink}">Continue to Microsoft</a></p>
<p><small>You need to be allowed to grant consent for the whole organization, such as a Privileged Role Administrator. Come back
in this browser, within an hour.</small></p>`,
  };
}

/** What happened, and what comes next. Nothing on it is about any other organization. */
export function outcomePage(outcome: End): Page {
  switch (outcome.kind) {
    case 'unknown_link':
      return page(404, 'This link is not valid', [
        'It may be incomplete: links that are broken over two lines lose their end. Open it again as it was sent, whole.',
        `If that does not help: ${ASK}`,
      ]);
    case 'not_this_browser':
      return page(400, 'Open the link again', [
        'This page comes after a link that was opened in the same browser, an hour ago at most. This browser has opened none that fits. Nothing was changed here.',
        'Open the link that you were sent again, and go on from there in the same browser window. Cookies must be allowed.',
      ]);
    case 'closed':
      return closedPage(outcome.state);
    case 'worn_out':
      return page(429, 'This link was tried too often', [`It no longer works. ${ASK}`]);
    case 'consent_refused':
      return page(403, 'You did not consent', [
        'Nothing was changed: your organization is not connected, and nothing of it is read.',
        'If you change your mind, open the link again while it is valid.',
      ]);
    case 'consent_failed':
      return page(400, 'Microsoft could not complete the consent', [
        `Nothing was connected.${outcome.aadsts ? ` Microsoft's error code is ${outcome.aadsts}.` : ''}`,
        'Often the account is not allowed to consent for the whole organization, or the organization lacks a service that the application uses. Open the link again with another account, while it is valid.',
        `${TELL} if it fails again${outcome.aadsts ? ', with this code' : ''}.`,
      ]);
    case 'other_tenant':
      return page(403, 'This invitation is for another directory', [
        `It is for the directory ${outcome.expected} alone, and you consented in another one. That one was not connected, and nothing of it is read.`,
        'Open the link again and sign in with an account of the right directory. The consent that you gave can be taken back in the Microsoft Entra admin center, under Enterprise applications.',
      ]);
    case 'tenant_taken':
      return outcome.isActive
        ? page(409, 'Your organization is connected already', [
            `The directory ${outcome.tenantId} was connected before. Nothing was changed, and nothing is left to be done.`,
          ])
        : page(409, 'Your organization cannot be connected by this link', [
            `The directory ${outcome.tenantId} is suspended, or was taken out of service. Nothing was changed.`,
            `${TELL}: they can take it into service again.`,
          ]);
    case 'unconfirmed':
      return unconfirmedPage(outcome);
    case 'own_trouble':
      return page(503, 'Your consent could not be checked', [
        `What your organization (directory ${outcome.tenantId}) consented to could not be looked up, because of a fault on our side. Nothing was connected yet.`,
        `${TELL}. When they have mended it, load this page again within an hour, or open the link again.`,
      ]);
    case 'roles_missing':
      return rolesMissingPage(outcome);
    case 'connected':
      return page(200, 'Your organization is connected', [
        `The consent of the directory ${outcome.tenantId} was found and checked. Its incidents are being read from now on.`,
        'Nothing is left to be done. You can close this page; the link does not work any more.',
        'To end this, delete the application in the Microsoft Entra admin center, under Enterprise applications.',
      ]);
  }
}

/** When Outrider itself fails. @param correlationId as in the log */
export function failurePage(error: unknown, correlationId: string): Page {
  return page(Math.max(500, statusOfCode(toOutriderError(error).code)), 'Something went wrong on our side', [
    'Your invitation is still valid. Load this page again in a few minutes; if that does not help, open the link again.',
    `${TELL} if it fails again, with this number: ${correlationId}.`,
  ]);
}

function closedPage(state: Shown<'closed'>['state']): Page {
  switch (state) {
    case 'used':
      return page(410, 'This invitation has been used', [
        'A link connects one organization, once. Nothing was changed now.',
        `If that was you, nothing is left to be done. If not: ${ASK}`,
      ]);
    case 'expired':
      return page(410, 'This invitation has expired', [
        'It was not used in time. Nothing was connected, also where you have consented meanwhile.',
        ASK,
      ]);
    case 'withdrawn':
      return page(410, 'This invitation was withdrawn', [
        'Whoever invited you has taken it back. Nothing was connected, also where you have consented meanwhile.',
        ASK,
      ]);
  }
}

function unconfirmedPage({ tenantId, isNamed }: Shown<'unconfirmed'>): Page {
  return page(409, 'Your consent has not arrived yet', [
    `Microsoft does not let the application into the directory ${tenantId} so far. Nothing was connected yet.`,
    'After a consent that often takes a minute or two: load this page again then, within an hour.',
    isNamed
      ? `${TELL} if it does not change.`
      : `If it does not change, or if the directory was connected before: ${TELL.toLowerCase()}, so that they send an invitation that names it.`,
  ]);
}

function rolesMissingPage({ tenantId, missing, expiresMs }: Shown<'roles_missing'>): Page {
  const { body, ...rest } = page(409, 'Permissions are missing', [
    `The consent of the directory ${tenantId} was found, but not all that Outrider needs is part of it. Nothing is read yet.`,
  ]);
  return {
    ...rest,
    body: html`${body}${roleTable(missing)}
<p>If you consented a moment ago, load this page again in a minute or two. Otherwise the application does not ask for them:
${TELL.toLowerCase()} which are missing. When they have added them, open the link again, before ${utc(expiresMs)}, and consent once more.</p>`,
  };
}

function roleTable(roles: readonly NeededRole[]): Markup {
  const rows = roles.map(
    ({ resource, purpose, roles: [least = ''] }) =>
      html`<tr><td><code>${least}</code></td><td>${APIS[resource].name}</td><td>to ${purpose}</td></tr>\n`,
  );
  return html`<table>
<tr><th>Permission</th><th>API</th><th>What for</th></tr>
${rows}</table>`;
}

function page(status: number, title: string, paragraphs: readonly string[]): Page {
  return { status, title, body: html`${paragraphs.map((text) => html`<p>${text}</p>\n`)}` };
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
