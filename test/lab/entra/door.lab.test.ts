import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDoor, doorAddress } from '../../../lab/entra/door.ts';
import { createFaults } from '../../../lab/net/faults.ts';
import { type Front, startFront } from '../../../lab/net/front.ts';
import { createRequestLog } from '../../../lab/net/request-log.ts';
import { CLI, CUSTOMER, createLab, HOME, type Lab } from './fixture.ts';
import { createVisitor } from './visitor.ts';

const visitor = createVisitor();
let lab: Lab;
let front: Front;
let door: string;

beforeAll(async () => {
  lab = createLab();
  front = await startFront({
    services: [createDoor(lab.entra.service)],
    clock: lab.clock,
    faults: createFaults({ random: () => 0 }),
    log: createRequestLog(),
  });
  door = `http://127.0.0.1:${front.port}`;
});
afterAll(() => front?.stop());

test('a browser outside of the lab signs in, from page to page', async () => {
  const address = `https://login.microsoftonline.com/${HOME}/oauth2/v2.0/authorize?client_id=${CLI}&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Flocalhost%3A1`;
  const entrance = doorAddress(door, lab.entra.service, address) ?? '';
  expect(entrance).toBe(address.replace('https:/', door));
  const { location } = await visitor.signIn(entrance, 'ana@contoso.example');
  expect(location?.origin).toBe('http://localhost:1');
  expect(location?.searchParams.get('code')).toMatch(/^1\.A/);
});

test('and enters the code of a device', async () => {
  const page = await visitor.open(
    doorAddress(door, lab.entra.service, 'https://microsoft.com/devicelogin') ?? '',
  );
  expect((await page.submit(undefined, { otc: 'none' })).text).toContain('did not work');
});

test('it leads to the sign-in service only', async () => {
  expect(doorAddress(door, lab.entra.service, 'https://graph.microsoft.com/v1.0')).toBeUndefined();
  expect(
    doorAddress(door, lab.entra.service, 'https://login.microsoftonline.com.evil.example/'),
  ).toBeUndefined();
  for (const path of [`/graph.microsoft.com/${CUSTOMER}/login`, '/', '//login.microsoftonline.com/x']) {
    expect((await fetch(`${door}${path}`)).status).toBe(404);
  }
});
