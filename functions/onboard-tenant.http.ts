import { app } from '@azure/functions';
import { adminConsentLink } from '../shared/consent-link.ts';
import {
  browserCookie,
  consentClaimOf,
  linkTextIn,
  ONBOARDING_PATH,
} from '../shared/http/onboarding-request.ts';
import { failurePage, outcomePage, welcomePage } from '../shared/http/pages/onboarding-pages.ts';
import { pageAnswer } from '../shared/http/pages/page.ts';
import { guarded } from '../shared/http/route.ts';
import { publicOrigin } from '../shared/public-address.ts';

/**
 * Where an invitation's link leads, and where Microsoft's consent page sends the browser back to: the only function that
 * a browser without a token may call. It believes nothing but a link that was made here.
 */
export const onboardTenant = guarded(
  async (request, { app: outrider, log }) => {
    const linkText = linkTextIn(request);
    if (linkText === undefined) {
      return pageAnswer(outcomePage(await outrider.invitations.finish(consentClaimOf(request), log)));
    }
    const outcome = await outrider.invitations.open(linkText, log);
    if (outcome.kind !== 'welcome') return pageAnswer(outcomePage(outcome));
    const { invitation, browser } = outcome;
    const origin = publicOrigin(outrider.config);
    const back = { redirectUri: `${origin}${ONBOARDING_PATH}`, state: browser.state };
    const { clientId = '' } = invitation.facts.credential;
    const consentLink = adminConsentLink(outrider.config.cloud, invitation.tenantId, clientId, back);
    const page = welcomePage(outcome, { host: new URL(origin).host, consentLink });
    return { ...pageAnswer(page), cookies: [browserCookie(browser.cookie)] };
  },
  (error, correlationId) => pageAnswer(failurePage(error, correlationId)),
);

app.http('onboard-tenant', {
  route: 'onboarding/callback',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: onboardTenant,
});
