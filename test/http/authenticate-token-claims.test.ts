import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { API, CALLER, CLIENT, claimsOf, HOME, signed } from '../callers/directories.ts';
import { type AuthenticateRig, type Claims, createAuthenticateRig, key } from './authenticate-rig.ts';

let rig: AuthenticateRig;
beforeEach(() => {
  rig = createAuthenticateRig();
  vi.stubGlobal('fetch', rig.directories.fetch);
});
afterEach(() => vi.unstubAllGlobals());

describe('the claims of a token that the directory has signed', () => {
  it.each<[string, string]>([
    ['nothing', 'null'],
    ['a list', '[]'],
    ['a word', '"x"'],
    ['no JSON', '{"iss":'],
    [
      'a number beyond all numbers for its end',
      JSON.stringify(claimsOf(HOME)).replace(/"exp":\d+/, '"exp":1e999'),
    ],
    ['a huge end', JSON.stringify(claimsOf(HOME)).replace(/"exp":\d+/, '"exp":9007199254740993')],
    ['an end in words', JSON.stringify(claimsOf(HOME)).replace(/"exp":(\d+)/, '"exp":"$1"')],
    ['an end below zero', JSON.stringify(claimsOf(HOME)).replace(/"exp":\d+/, '"exp":-1')],
  ])('with %s are refused', async (_what, payload) => {
    await rig.refused(signed(key, payload));
  });

  it.each<[string, Claims]>([
    ['a directory in upper case', { tid: HOME.toUpperCase() }],
    ['a directory in other letters', { tid: HOME.replace('1', '１') }],
    ['a list of directories', { tid: [HOME] }],
    ['no object id', { oid: undefined }],
    ['an object id that is a number', { oid: 7 }],
    ['an object id that is a list', { oid: [CALLER] }],
    ['an empty object id', { oid: '' }],
    ['a name for an object id', { oid: 'admin@contoso.com' }],
    ['a path for an object id', { oid: `../${CALLER}` }],
    ['an audience in upper case', { aud: `api://${API}`.toUpperCase() }],
    ['a longer audience', { aud: `api://${API}/` }],
    ['an audience that is an object', { aud: { 0: API } }],
    ['no client app, as in an ID token', { azp: undefined }],
    ['a client app that is no word', { azp: 7, appid: null }],
    ['an app’s and a user’s marks', { idtyp: 'app', scp: 'access_as_user' }],
    ['the mark of an app and an empty scope', { idtyp: 'app', scp: '' }],
    ['the mark of a device', { idtyp: 'device' }],
    ['a mark that is no word', { idtyp: ['app'] }],
    ['a start far ahead', { nbf: Math.floor(Date.now() / 1000) + 3600 }],
    ['a start that is no number', { nbf: 'now' }],
  ])('with %s are refused', async (_what, over) => {
    await rig.refused(signed(key, claimsOf(HOME, over)));
  });

  it('are read as they are verified where one is there twice: the last one counts, for all of it', async () => {
    const text = JSON.stringify(claimsOf(HOME));
    const [evil] = ['99999999-9999-4999-8999-999999999999'];
    await rig.refused(signed(key, text.replace(/\}$/, `,"tid":"${evil}"}`)));
    await rig.refused(signed(key, text.replace(/\}$/, `,"iss":"https://sts.windows.net/${evil}/"}`)));
    await rig.refused(
      signed(key, text.replace(/^\{/, `{"aud":"${API}",`).replace(/\}$/, `,"aud":"${evil}"}`)),
    );
    await rig.refused(signed(key, text.replace(/\}$/, ',"__proto__":{"oid":"x"},"oid":null}')));
  });

  it('do not take anything from what objects inherit', async () => {
    const text = JSON.stringify(claimsOf(HOME, { roles: undefined, azp: undefined }));
    await rig.refused(
      signed(key, text.replace(/\}$/, `,"__proto__":{"azp":"${CLIENT}","roles":["Hunts.Run"]}}`)),
    );
  });

  it.each<[string, Claims, object]>([
    ['an app', {}, { kind: 'app', scopes: [] }],
    ['an app, marked', { idtyp: 'app' }, { kind: 'app', scopes: [] }],
    ['a user', { scp: 'access_as_user  other' }, { kind: 'user', scopes: ['access_as_user', 'other'] }],
    ['a user with roles', { scp: 'x', roles: ['Hunts.Run'] }, { kind: 'user', roles: ['Hunts.Run'] }],
    ['a user, marked, without a scope', { idtyp: 'user' }, { kind: 'user', scopes: [] }],
    ['a user with an empty scope', { scp: '' }, { kind: 'user', scopes: [] }],
    ['a user with a scope that is a list', { scp: ['access_as_user'] }, { kind: 'user', scopes: [] }],
    ['a user with a scope of null', { scp: null }, { kind: 'user', scopes: [] }],
    ['one in groups', { groups: [CLIENT, 7] }, { groups: [CLIENT] }],
    ['one in too many groups to name', { _claim_names: { groups: 'src1' } }, { groups: undefined }],
    ['one with groups that are no list', { groups: CLIENT }, { groups: undefined }],
    ['one whose id is in upper case', { oid: CALLER.toUpperCase() }, { objectId: CALLER }],
  ])('make %s', async (_what, over, expected) => {
    expect(await rig.accepted(signed(key, claimsOf(HOME, over)))).toMatchObject(expected);
  });

  it('give a user’s assertion, which no text or JSON of the caller shows', async () => {
    const token = signed(key, claimsOf(HOME, { scp: 'access_as_user' }));
    const caller = await rig.accepted(token);
    expect(caller.assertion?.text()).toBe(token);
    expect(JSON.stringify(caller)).not.toContain(token);
    expect((await rig.accepted(signed(key, claimsOf(HOME)))).assertion).toBeUndefined();
  });
});
