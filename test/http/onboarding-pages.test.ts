import { createHash } from 'node:crypto';
import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { consentClaimOf, linkTextIn } from '../../shared/http/onboarding-request.ts';
import { failurePage, outcomePage, welcomePage } from '../../shared/http/pages/onboarding-pages.ts';
import { PAGE_HEADERS, pageAnswer } from '../../shared/http/pages/page.ts';
import type { Invitation } from '../../shared/tenants/onboarding/invitation.ts';
import { neededRoles } from '../../shared/tenants/onboarding/needed-roles.ts';
import type { End } from '../../shared/tenants/onboarding/outcome.ts';

const EVIL = `"><script>alert('1')</script>\u202e&\`\n<img src=x>`;
const TENANT = '11111111-1111-4111-8111-111111111111';
const NEEDED = neededRoles({ api: 'xdr', huntingApi: 'graph' });

const invitation: Invitation = {
  id: TENANT,
  revision: 1,
  tenantId: EVIL,
  facts: {
    api: 'graph',
    huntingApi: 'graph',
    credential: { kind: 'federated', clientId: EVIL },
    sync: {},
    groups: [],
    tags: {},
  },
  from: EVIL,
  note: 'for the team alone',
  secretHash: 'a hash',
  browserHash: 'another hash',
  createdMs: 0,
  createdBy: { kind: 'app' },
  expiresMs: 0,
  events: [],
};
const welcome = {
  kind: 'welcome',
  invitation,
  browser: { cookie: 'c', state: 's' },
  needed: NEEDED,
} as const;
const shown = (consentLink: string): string =>
  String(pageAnswer(welcomePage(welcome, { host: EVIL, consentLink })).body);

/** Each way to end, with whatever text could be in it. */
const ENDS: readonly End[] = [
  { kind: 'unknown_link' },
  { kind: 'not_this_browser' },
  { kind: 'closed', state: 'used' },
  { kind: 'closed', state: 'expired' },
  { kind: 'closed', state: 'withdrawn' },
  { kind: 'worn_out' },
  { kind: 'consent_refused' },
  { kind: 'consent_failed', aadsts: EVIL },
  { kind: 'consent_failed', aadsts: undefined },
  { kind: 'other_tenant', expected: EVIL },
  { kind: 'tenant_taken', tenantId: EVIL, isActive: true },
  { kind: 'tenant_taken', tenantId: EVIL, isActive: false },
  { kind: 'unconfirmed', tenantId: EVIL, isNamed: true },
  { kind: 'unconfirmed', tenantId: EVIL, isNamed: false },
  { kind: 'own_trouble', tenantId: EVIL },
  { kind: 'roles_missing', tenantId: EVIL, missing: NEEDED, expiresMs: 0 },
  { kind: 'connected', tenantId: EVIL },
];

describe('a page', () => {
  it('shows every value as text, in tags and out of them', () => {
    const texts = [
      shown(`https://login.microsoftonline.com/x?a=1&b=${EVIL}`),
      ...ENDS.map((end) => String(pageAnswer(outcomePage(end)).body)),
      String(pageAnswer(failurePage(new Error(EVIL), EVIL)).body),
    ];
    for (const text of texts) {
      expect(text).not.toMatch(/<(script|img)|\u202e|alert\('1'\)/);
      expect(text.match(/<[a-z]+[^>]*>/g)?.join('')).not.toMatch(/ on\w+=|javascript:/i);
      const leading = text.match(/<(a|form|button|link|base|iframe|object)\b/g) ?? [];
      expect(leading).toEqual(text.includes('class="go"') ? ['<a'] : []);
    }
  });

  it('has styles by their hash alone, and runs, loads, frames and keeps nothing', () => {
    const answer = pageAnswer(outcomePage({ kind: 'worn_out' }));
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(String(answer.body)) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(PAGE_HEADERS['content-security-policy'].split('; ')).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(String(answer.body)).not.toMatch(/ style=| src=/);
  });

  it('of each end says something of its own, and what comes next', () => {
    const pages = ENDS.map(outcomePage);
    expect(new Set(pages.map(({ title, body }) => title + body.html)).size).toBe(ENDS.length);
    for (const { status, body } of pages) {
      expect([200, 400, 403, 404, 409, 410, 429, 503]).toContain(status);
      expect(body.html).toMatch(
        /Ask whoever|Tell whoever|tell whoever|open the link again|Open the link|Nothing is left|nothing is left/,
      );
    }
  });

  it('to begin with names who asks, the application and each permission, and nothing that is the team’s', () => {
    const text = shown('https://login.microsoftonline.com/organizations/adminconsent?client_id=x');
    for (const { roles } of NEEDED) expect(text).toContain(`<code>${roles[0]}</code>`);
    expect(text).toContain('href="https://login.microsoftonline.com/organizations/adminconsent?client_id=x"');
    for (const hidden of ['for the team alone', 'a hash', 'another hash']) expect(text).not.toContain(hidden);
  });

  it('of a failure shows the number of the log, and nothing of the fault', () => {
    const error = new OutriderError('config.invalid', 'OUTRIDER_API_URL is missing');
    const { status, body } = failurePage(error, 'a-correlation-id');
    expect(status).toBe(503);
    expect(body.html).toContain('a-correlation-id');
    expect(body.html).not.toContain('OUTRIDER_');
    expect(failurePage(new OutriderError('request.invalid', 'x'), 'y').status).toBe(500);
  });
});

describe('what a browser sends', () => {
  const request = (query: string, cookie?: string): HttpRequest =>
    new HttpRequest({
      method: 'GET',
      url: `https://outrider.example/api/onboarding/callback${query}`,
      headers: cookie === undefined ? {} : { cookie },
    });

  it('counts once or not at all', () => {
    const name = '__Host-outrider-onboarding';
    const claim = consentClaimOf(
      request(`?state=a&state=b&tenant=${TENANT}&error=x&error=y`, `${name}=1; ${name}=2`),
    );
    expect(claim).toMatchObject({ state: undefined, cookie: undefined, tenant: TENANT, error: '' });
    expect(consentClaimOf(request('?state=a', `x=y; ${name}=1.2.3; z`))).toMatchObject({
      state: 'a',
      cookie: '1.2.3',
      error: undefined,
    });
    expect(consentClaimOf(request(`?state=${'a'.repeat(3_000)}`)).state).toBeUndefined();
    // Neither a name that only looks like it, nor one without the prefix that browsers enforce.
    for (const other of ['outrider-onboarding', 'x__Host-outrider-onboarding', `${name}2`]) {
      expect(consentClaimOf(request('', `${other}=1`)).cookie).toBeUndefined();
    }
  });

  it('is a link where it says so, whatever else it says', () => {
    expect(linkTextIn(request('?invitation=a&state=b'))).toBe('a');
    expect(linkTextIn(request('?invitation=a&invitation=b'))).toBe('');
    expect(linkTextIn(request('?state=b'))).toBeUndefined();
  });
});
