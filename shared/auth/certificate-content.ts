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
 * Reads what Key Vault gives for a certificate of content type `application/x-pem-file`. Node cannot take the key
 * out of a PKCS 12 file, and no maintained small library does, so that is refused with the way out.
 *
 * @throws OutriderError `vault.content_unusable`; never with any of the content
 */
export function readCertificate(name: string, { value, contentType }: VaultSecret): CertificateWithKey {
  const certificates = parse(name, 'certificate', () =>
    [...value.matchAll(CERTIFICATE)].map(([pem]) => new X509Certificate(pem)),
  );
  const [keyPem] = PRIVATE_KEY.exec(value) ?? [];
  if (certificates.length === 0 || keyPem === undefined) throw notPem(name, contentType);
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

function notPem(name: string, contentType: string | undefined): OutriderError {
  if (contentType === PKCS12) {
    return unusable(
      name,
      'it is stored as PKCS 12. Set the content type of its issuance policy to PEM (application/x-pem-file) and ' +
        'make a new version, or import it as PEM.',
    );
  }
  return unusable(name, 'it does not hold a certificate and its unencrypted private key in PEM form.');
}

function unusable(name: string, why: string): OutriderError {
  return new OutriderError(
    'vault.content_unusable',
    `The Key Vault certificate "${name}" cannot be used: ${why}`,
  );
}
