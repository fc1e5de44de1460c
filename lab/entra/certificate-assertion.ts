import { X509Certificate } from 'node:crypto';
import { compactVerify } from 'jose';
import { AadstsError } from './aadsts.ts';
import { type Assertion, checkTimes } from './assertion.ts';
import { type DirectoryApp, sameId } from './directory.ts';
import {
  assertionAudience,
  assertionOfOtherApp,
  badSignature,
  malformedAssertion,
  noKeyNamed,
} from './problems.ts';
import { thumbprint } from './thumbprint.ts';

export interface CertificateCheck {
  readonly assertion: Assertion;
  readonly app: DirectoryApp;
  /** What `aud` may be: the token endpoint, or the tenant's issuer. */
  readonly audiences: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly skewSeconds: number;
}

/** RSA only: the service takes no other keys. */
const ALGORITHMS = ['PS256', 'RS256'];

/**
 * Checks a client assertion that the app signed with a certificate of its own.
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 * @throws AadstsError
 */
export async function checkCertificateAssertion(check: CertificateCheck): Promise<void> {
  const { assertion, app, now } = check;
  const isOwn = sameId(assertion.issuer, app.appId) && sameId(assertion.subject, app.appId);
  if (!isOwn) throw new AadstsError(assertionOfOtherApp());
  if (!check.audiences.includes(assertion.audience)) throw new AadstsError(assertionAudience());
  if (!ALGORITHMS.includes(assertion.alg)) {
    throw new AadstsError(malformedAssertion(`The algorithm '${assertion.alg}' is not supported.`));
  }
  const registered = findCertificate(assertion, app);
  if (registered.expiresAt <= now) {
    throw new AadstsError(badSignature('The key used is expired.', hexThumbprint(registered.certificate)));
  }
  await verifySignature(assertion, registered.certificate);
  checkTimes(assertion, now, check.skewSeconds);
}

function findCertificate(
  assertion: Assertion,
  app: DirectoryApp,
): { readonly certificate: X509Certificate; readonly expiresAt: number } {
  const isNamed = certificateMatcher(assertion);
  for (const { certificatePem, expiresAt } of app.certificates) {
    const certificate = new X509Certificate(certificatePem);
    if (isNamed(certificate)) return { certificate, expiresAt };
  }
  throw new AadstsError(badSignature('The key was not found.', namedThumbprint(assertion)));
}

/** The header names the certificate by a thumbprint; failing that, by carrying it. */
function certificateMatcher({ x5t, x5tS256, x5c }: Assertion): (certificate: X509Certificate) => boolean {
  if (x5tS256 !== undefined) return (certificate) => thumbprint(certificate, 'sha256') === x5tS256;
  if (x5t !== undefined) return (certificate) => thumbprint(certificate, 'sha1') === x5t;
  const leaf = x5c[0];
  if (leaf !== undefined) return (certificate) => certificate.raw.toString('base64') === leaf;
  throw new AadstsError(noKeyNamed());
}

async function verifySignature(assertion: Assertion, certificate: X509Certificate): Promise<void> {
  try {
    await compactVerify(assertion.token, certificate.publicKey, { algorithms: ALGORITHMS });
  } catch {
    throw new AadstsError(
      badSignature(
        'Key was found, but use of the key to verify the signature failed.',
        hexThumbprint(certificate),
      ),
    );
  }
}

function namedThumbprint({ x5t, x5tS256 }: Assertion): string {
  return Buffer.from(x5tS256 ?? x5t ?? '', 'base64url')
    .toString('hex')
    .toUpperCase();
}

function hexThumbprint(certificate: X509Certificate): string {
  return certificate.fingerprint.replaceAll(':', '');
}
