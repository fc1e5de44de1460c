import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { OutriderError } from '../errors.ts';
import type { VaultSecret } from './vault.ts';

/** A certificate with its key, as msal wants it. */
export interface CertificateWithKey {
  /** Hexadecimal, as msal takes it. */
  readonly thumbprintSha256: string;
  /** Hexadecimal: what the portal shows. For people only. */
  readonly thumbprintSha1: string;
  /** PEM, PKCS 8. */
  readonly privateKey: string;
  /** PEM: the certificate and those that come with it, its own first. */
  readonly chain: string;
  /** Day on which it expires, UTC, e.g. `2027-05-01`. */
  readonly validTo: string;
}

const PKCS12 = 'application/x-pkcs12';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:RSA )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA )?PRIVATE KEY-----/;

/**
 * Reads what Key Vault gives for a certificate: PEM (`application/x-pem-file`), or PKCS 12 without a password
 * (`application/x-pkcs12`, Key Vault's default).
 *
 * @throws OutriderError `vault.content_unusable`; never with any of the content
 */
export async function readCertificate(name: string, secret: VaultSecret): Promise<CertificateWithKey> {
  const { value, contentType } = secret;
  if (contentType !== PKCS12) return readPem(name, value);
  // Node cannot take the key out of a PKCS 12 file; what can is large and rarely needed.
  const { pemOfPkcs12 } = await import('./pkcs12.ts');
  return readPem(
    name,
    parse(name, 'content (PKCS 12 without a password)', () => pemOfPkcs12(value)),
  );
}

function readPem(name: string, value: string): CertificateWithKey {
  const certificates = parse(name, 'certificate', () =>
    [...value.matchAll(CERTIFICATE)].map(([pem]) => new X509Certificate(pem)),
  );
  const [keyPem] = PRIVATE_KEY.exec(value) ?? [];
  if (certificates.length === 0 || keyPem === undefined) {
    throw unusable(
      name,
      'it does not hold a certificate and its unencrypted RSA private key, as PEM or PKCS 12.',
    );
  }
  const key = parse(name, 'private key', () => createPrivateKey(keyPem));
  if (key.asymmetricKeyType !== 'rsa')
    throw unusable(name, `its key is ${key.asymmetricKeyType}, sign-in takes RSA only.`);
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw unusable(name, 'its private key belongs to another certificate.');
  return {
    thumbprintSha256: own.fingerprint256.replaceAll(':', ''),
    thumbprintSha1: own.fingerprint.replaceAll(':', ''),
    privateKey: pemOf(key),
    chain: [own, ...certificates.filter((certificate) => certificate !== own)].map(String).join(''),
    validTo: own.validToDate.toISOString().slice(0, 10),
  };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** OpenSSL's errors say nothing that helps, and must not quote the content. */
function parse<T>(name: string, part: string, work: () => T): T {
  try {
    return work();
  } catch {
    throw unusable(name, `its ${part} cannot be read.`);
  }
}

function unusable(name: string, why: string): OutriderError {
  return new OutriderError(
    'vault.content_unusable',
    `The Key Vault certificate "${name}" cannot be used: ${why}`,
  );
}
