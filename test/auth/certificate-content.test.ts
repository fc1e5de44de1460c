import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { readCertificate } from '../../shared/auth/certificate-content.ts';
import { newCertificate, pkcs12 } from './new-certificate.ts';

type Made = Awaited<ReturnType<typeof newCertificate>>;
let own: Made;
let issuer: Made;

beforeAll(async () => {
  [own, issuer] = await Promise.all([newCertificate(), newCertificate()]);
});

const pem = (value: string, contentType = 'application/x-pem-file') =>
  readCertificate('app-cert', { value, contentType, version: '1' });

test('finds the certificate of the key in a chain of any order, and puts it first', async () => {
  const read = await pem(`${issuer.certificate}\n${own.certificate}\n${own.key}`);
  const certificate = new X509Certificate(own.certificate);
  expect(read.thumbprintSha256).toBe(certificate.fingerprint256.replaceAll(':', ''));
  expect(read.thumbprintSha1).toBe(certificate.fingerprint.replaceAll(':', ''));
  expect(read.chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  expect(new X509Certificate(read.chain).fingerprint256).toBe(certificate.fingerprint256);
  expect(read.privateKey).toContain('-----BEGIN PRIVATE KEY-----');
  expect(read.expiresAt).toBe(certificate.validToDate.getTime());
});

test.each(['3des', 'aes256'] as const)('reads PKCS 12 without a password, by %s', async (algorithm) => {
  const read = await pem(pkcs12(own, '', algorithm), 'application/x-pkcs12');
  expect(read).toEqual(await pem(`${own.key}\n${own.certificate}`));
});

test('takes line ends of Windows', async () => {
  const { chain } = await pem(`${own.key}\n${own.certificate}`.replaceAll(/\r?\n/g, '\r\n'));
  expect(chain).toContain('BEGIN CERTIFICATE');
});

test.each([
  ['a broken PKCS 12', () => pem('MIIKPAIBAzCC', 'application/x-pkcs12'), /PKCS 12/],
  [
    'a PKCS 12 with a password',
    () => pem(pkcs12(own, 'secret'), 'application/x-pkcs12'),
    /PKCS 12 file with a password\. Import the file as a certificate/,
  ],
  [
    'a PKCS 12 without a key',
    () => pem(pkcs12({ ...own, key: undefined }), 'application/x-pkcs12'),
    /private key/,
  ],
  ['a PKCS 12 under another content type', () => pem(pkcs12(own), 'text/plain'), /its content type is not/],
  ['no key', () => pem(own.certificate), /certificate without its unencrypted RSA private key/],
  [
    'a key with a password',
    () => pem(`${encrypted(own.key)}\n${own.certificate}`),
    /private key is encrypted/,
  ],
  ['no certificate', () => pem(own.key), /does not hold a certificate/],
  ['the key of another certificate', () => pem(`${issuer.key}\n${own.certificate}`), /another certificate/],
  ['a key that is not RSA', () => pem(`${ecKey()}\n${own.certificate}`), /RSA only/],
  ['a broken key', () => pem(`${broken(own.key)}\n${own.certificate}`), /private key cannot be read/],
  ['a broken certificate', () => pem(`${own.key}\n${broken(own.certificate)}`), /certificate cannot be read/],
])('refuses %s, and shows nothing of the content', async (_, read, why) => {
  const error = await read().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'vault.content_unusable', message: expect.stringMatching(why) });
  expect(String(error)).toContain('"app-cert"');
  expect(String(error)).not.toContain('MII');
  expect((error as Error).cause).toBeUndefined();
});

function ecKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function encrypted(key: string): string {
  const how = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  return createPrivateKey(key).export(how).toString();
}

function broken(text: string): string {
  return text.replace(/MII[\s\S]{60}/, 'MII!');
}
