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
  /** When it expires, in milliseconds since 1970. */
  readonly expiresAt: number;
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
  const { hasPassword, pemOfPkcs12 } = await import('./pkcs12.ts');
  return readPem(
    name,
    parse(
      name,
      'content (PKCS 12 without a password)',
      () => pemOfPkcs12(value),
      (error) => (hasPassword(error) ? WITH_PASSWORD : undefined),
    ),
  );
}

const WITH_PASSWORD =
  'it is a PKCS 12 file with a password. Import the file as a certificate of Key Vault, which asks for the password and keeps it without a password.';
const ENCRYPTED_KEY = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;
/** How base64 of a PKCS 12 file begins: a sequence of more than 127 bytes. */
const LIKE_PKCS12 = /^\s*MII[A-Za-z0-9+/\s]{100}/;

function readPem(name: string, value: string): CertificateWithKey {
  const certificates = parse(name, 'certificate', () =>
    [...value.matchAll(CERTIFICATE)].map(([pem]) => new X509Certificate(pem)),
  );
  const [keyPem] = PRIVATE_KEY.exec(value) ?? [];
  if (certificates.length === 0 || keyPem === undefined) throw unusable(name, whatIsMissing(value));
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
    expiresAt: own.validToDate.getTime(),
  };
}

function whatIsMissing(value: string): string {
  if (LIKE_PKCS12.test(value))
    return `it looks like a PKCS 12 file, but its content type is not ${PKCS12}. Import it as a certificate of Key Vault.`;
  if (ENCRYPTED_KEY.test(value))
    return 'its private key is encrypted. Import the certificate with an unencrypted RSA private key, or with its password.';
  if (value.search(CERTIFICATE) < 0)
    return 'it does not hold a certificate, with its unencrypted RSA private key, as PEM or PKCS 12.';
  return 'it is a certificate without its unencrypted RSA private key. Make or import it with the key, and let its policy say that the key is exportable.';
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** OpenSSL's errors say nothing that helps, and must not quote the content. */
function parse<T>(
  name: string,
  part: string,
  work: () => T,
  wordsFor: (error: unknown) => string | undefined = () => undefined,
): T {
  try {
    return work();
  } catch (error) {
    throw unusable(name, wordsFor(error) ?? `its ${part} cannot be read.`);
  }
}

function unusable(name: string, why: string): OutriderError {
  return new OutriderError(
    'vault.content_unusable',
    `The Key Vault certificate "${name}" cannot be used: ${why}`,
  );
}
