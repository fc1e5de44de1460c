import { expect, test } from 'vitest';
import { createKeptSecrets } from '../../shared/auth/kept-secrets.ts';
import { OutriderError } from '../../shared/errors.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import { createTestVault } from './source-fixture.ts';

const MINUTE = 60_000;
const NEVER = new AbortController().signal;

function fixture() {
  const clock = createJumpingClock();
  const vault = createTestVault();
  const secrets = createKeptSecrets({ vault, clock });
  return { clock, vault, secrets, current: () => secrets.current('app-secret', NEVER) };
}

test('many at once read once; a copy is read again after ten minutes', async () => {
  const { clock, vault, current } = fixture();
  await Promise.all(Array.from({ length: 50 }, current));
  expect(vault.reads).toBe(1);
  vault.secrets.set('app-secret', { value: 'new', version: '2', contentType: undefined });
  clock.advance(9 * MINUTE);
  expect((await current()).version).toBe('1');
  clock.advance(MINUTE);
  expect((await current()).version).toBe('2');
  expect(vault.reads).toBe(2);
});

test('an old copy is used while the vault is down, not when the vault refuses', async () => {
  const { clock, vault, current } = fixture();
  await current();
  clock.advance(11 * MINUTE);
  vault.fault = new OutriderError('vault.unavailable', 'down');
  expect((await current()).version).toBe('1');
  vault.fault = new OutriderError('vault.refused', 'no');
  await expect(current()).rejects.toMatchObject({ code: 'vault.refused' });
});

test('a failed read is not kept', async () => {
  const { vault, current } = fixture();
  vault.fault = new OutriderError('vault.unavailable', 'down');
  await expect(current()).rejects.toMatchObject({ code: 'vault.unavailable' });
  vault.fault = undefined;
  expect((await current()).version).toBe('1');
});

test('a refused version is sought anew at once, and by many tenants together only once', async () => {
  const { clock, vault, secrets, current } = fixture();
  await current();
  const seek = () => secrets.newerThan('1', 'app-secret', NEVER);
  expect(await Promise.all([seek(), seek(), seek()])).toEqual([undefined, undefined, undefined]);
  expect(vault.reads).toBe(2);
  expect(await seek()).toBeUndefined();
  expect(vault.reads).toBe(2);
  vault.secrets.set('app-secret', { value: 'new', version: '2', contentType: undefined });
  clock.advance(10_000);
  expect((await seek())?.version).toBe('2');
  expect((await seek())?.version).toBe('2');
  expect(vault.reads).toBe(3);
});
