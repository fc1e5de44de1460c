import { expect, it } from 'vitest';
import { CLOUDS } from '../../shared/clouds.ts';
import { adminConsentLink } from '../../shared/consent-link.ts';
import { publicOrigin } from '../../shared/public-address.ts';

it.each([
  ['https://outrider.example', 'https://outrider.example'],
  ['https://outrider.example:8443/api/?x#y', 'https://outrider.example:8443'],
  ['http://127.0.0.1:7071', 'http://127.0.0.1:7071'],
])('browsers reach %s at %s', (apiUrl, origin) => {
  expect(publicOrigin({ apiUrl })).toBe(origin);
});

it.each([undefined, 'outrider.example', 'http://outrider.example', 'javascript:alert(1)', 'ftp://x'])(
  'no link can be made for %s',
  (apiUrl) => {
    expect(() => publicOrigin({ apiUrl })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  },
);

it('an admin is sent to the sign-in of the cloud, and back to our own address with the state as it is', () => {
  const back = { redirectUri: 'https://outrider.example/api/onboarding/callback', state: 'a.b&c=d' };
  const link = new URL(adminConsentLink(CLOUDS.gcchigh, undefined, 'app&id', back));
  expect(link.origin + link.pathname).toBe('https://login.microsoftonline.us/organizations/adminconsent');
  expect(Object.fromEntries(link.searchParams)).toEqual({
    client_id: 'app&id',
    redirect_uri: back.redirectUri,
    state: back.state,
  });
  expect(adminConsentLink(CLOUDS.global, 't', 'c')).toBe(
    'https://login.microsoftonline.com/t/adminconsent?client_id=c',
  );
});
