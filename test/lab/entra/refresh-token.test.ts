import { beforeEach, describe, expect, test } from 'vitest';
import { revokeConsents } from '../../../lab/entra/consents.ts';
import { ADMIN, ANALYST, API, API_SECRET, GRAPH, HOME, verdictOf } from './fixture.ts';
import { bodyOf, claimsOf, createSignInRig, type SignInRig } from './sign-in-rig.ts';

const DAY = 86_400_000;

let rig: SignInRig;
beforeEach(() => {
  rig = createSignInRig();
});

describe('a refresh token', () => {
  test('gives tokens of any resource that there is consent for, and a new one each time', async () => {
    const first = bodyOf(await rig.redeem(await rig.codeFor())).refresh_token;
    const answer = await rig.refresh(first, { scope: `${GRAPH}/.default` });
    expect(claimsOf(answer)).toMatchObject({ aud: GRAPH, oid: ANALYST });
    const second = bodyOf(answer).refresh_token;
    expect(second).not.toBe(first);
    expect(claimsOf(await rig.refresh(second))).toMatchObject({ aud: GRAPH });
    expect(claimsOf(await rig.refresh(first))).toMatchObject({ aud: API });
  });

  test('is refused when it is unknown, another client’s, too old or ended', async () => {
    const { refresh_token: good = '' } = bodyOf(await rig.redeem(await rig.codeFor()));
    expect(verdictOf(await rig.refresh('guess')).number).toBe(70000);
    const asApi = { client_id: API, client_secret: API_SECRET };
    expect(verdictOf(await rig.refresh(good, asApi)).number).toBe(70000);
    rig.lab.clock.time += 90 * DAY - 1;
    const answer = await rig.refresh(good);
    expect(answer.status).toBe(200);
    rig.lab.clock.time += 1;
    expect(verdictOf(await rig.refresh(good)).number).toBe(700082);
    rig.lab.entra.endSignIns(ADMIN);
    expect((await rig.refresh(bodyOf(answer).refresh_token)).status).toBe(200);
    rig.lab.entra.endSignIns(ANALYST);
    expect(verdictOf(await rig.refresh(bodyOf(answer).refresh_token)).number).toBe(50173);
  });

  test('follows what the directory says now', async () => {
    const { refresh_token: good } = bodyOf(await rig.redeem(await rig.codeFor()));
    revokeConsents(rig.lab.cli, HOME);
    expect(verdictOf(await rig.refresh(good)).number).toBe(65001);
    rig.lab.directory.apps.splice(2, 1);
    expect(verdictOf(await rig.refresh(good)).number).toBe(700016);
  });
});
