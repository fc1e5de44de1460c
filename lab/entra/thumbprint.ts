import { createHash, type X509Certificate } from 'node:crypto';

/** A certificate's thumbprint as JWT headers carry it: `x5t` is sha1, `x5t#S256` sha256, base64url. */
export function thumbprint(certificate: X509Certificate, algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm).update(certificate.raw).digest('base64url');
}
