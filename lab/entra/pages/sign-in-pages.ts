import type { LabAnswer } from '../../service.ts';
import { type Html, hidden, html, page } from './html.ts';

/** What every page of one sign-in needs. */
export interface Step {
  /** Path that the form is sent to. */
  readonly action: string;
  /** Id of the sign-in. */
  readonly flow: string;
  /** The app that the user signs in to. */
  readonly app: string;
}

export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly userPrincipalName: string;
  /** Name of the tenant. */
  readonly tenant: string;
}

/** Who are you: one button for each user. */
export function accountPage(step: Step, choices: readonly Choice[]): LabAnswer {
  const people = choices.map(
    ({ id, name, userPrincipalName, tenant }) =>
      html`<li><button name="user" value="${id}">${name}<br><span class="note">${userPrincipalName}, ${tenant}</span></button></li>`,
  );
  return page({
    title: 'Pick an account',
    body: html`<p>to continue to <strong>${step.app}</strong></p>
${form(
  step,
  'account',
  html`<ul class="people">
${people}
</ul>`,
)}
${cancel(step)}`,
  });
}

/** The second factor: a press of a button in the lab. */
export function secondFactorPage(step: Step, name: string, isRegistered: boolean): LabAnswer {
  const text = isRegistered
    ? 'Your organization asks for a second factor here.'
    : 'Your organization asks you to register a second factor first.';
  return page({
    title: 'Confirm that it is you',
    body: html`<p>${name}, you are signing in to <strong>${step.app}</strong>. ${text}</p>
${form(step, 'factor', html`<button class="main">${isRegistered ? 'Confirm' : 'Register and confirm'}</button>`)}
${cancel(step)}`,
  });
}

/** The device code's own question, against codes that somebody else has started. */
export function devicePage(step: Step, name: string): LabAnswer {
  return page({
    title: `Are you trying to sign in to ${step.app}?`,
    body: html`<p>${name}, only continue if you started this sign-in yourself, on a device that you trust.</p>
${form(step, 'device', html`<button class="main">Continue</button>`)}
${cancel(step)}`,
  });
}

export interface ConsentQuestion {
  readonly name: string;
  /** By resource. */
  readonly permissions: readonly { readonly resource: string; readonly names: readonly string[] }[];
  /** Whether the user may consent for everybody. */
  readonly isAdmin: boolean;
}

/** May the app do this in your name. */
export function consentPage(step: Step, { name, permissions, isAdmin }: ConsentQuestion): LabAnswer {
  const forAll = isAdmin
    ? html`<p><label><input type="checkbox" name="all" value="yes"> Consent on behalf of your organization</label></p>`
    : '';
  return page({
    title: 'Permissions requested',
    body: html`<p>${name}, <strong>${step.app}</strong> would like to do this in your name:</p>
${permissionList(permissions)}
${form(step, 'consent', html`${forAll}<button class="main">Accept</button>`)}
${cancel(step)}`,
  });
}

export interface AdminQuestion {
  readonly name: string;
  /** Name of the tenant that it is for. */
  readonly tenant: string;
  readonly wanted: readonly {
    readonly resource: string;
    readonly roles: readonly string[];
    readonly scopes: readonly string[];
  }[];
}

/** May the app do this in the whole organization. */
export function adminConsentPage(step: Step, { name, tenant, wanted }: AdminQuestion): LabAnswer {
  const roles = wanted.map(({ resource, roles: names }) => ({ resource, names }));
  const scopes = wanted.map(({ resource, scopes: names }) => ({ resource, names }));
  return page({
    title: 'Permissions requested',
    body: html`<p>${name}, <strong>${step.app}</strong> asks for this for all of <strong>${tenant}</strong>.</p>
${permissionSection('On its own, without a user', roles)}
${permissionSection('In the name of any user who signs in', scopes)}
${form(step, 'consent', html`<button class="main">Accept</button>`)}
${cancel(step)}`,
  });
}

function permissionSection(title: string, permissions: ConsentQuestion['permissions']): Html {
  if (permissions.every(({ names }) => names.length === 0)) return { markup: '' };
  return html`<h2>${title}</h2>
${permissionList(permissions)}`;
}

/** A sign-in that cannot go on. */
export function refusalPage(step: Step, text: string): LabAnswer {
  return page({
    title: 'You cannot sign in',
    body: html`<p>${text}</p>
${form(step, 'back', html`<button class="main">Back to the application</button>`)}`,
  });
}

function permissionList(permissions: ConsentQuestion['permissions']): Html {
  const items = permissions.flatMap(({ resource, names }) =>
    names.map((name) => html`<li><code>${name}</code> <span class="note">of ${resource}</span></li>`),
  );
  return html`<ul>
${items}
</ul>`;
}

function form({ action, flow }: Pick<Step, 'action' | 'flow'>, step: string, fields: Html): Html {
  return html`<form method="post" action="${action}">
${hidden('flow', flow)}${hidden('step', step)}
${fields}
</form>`;
}

function cancel(step: Step): Html {
  return form(step, 'cancel', html`<button>Cancel</button>`);
}
