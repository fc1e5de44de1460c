import forge from 'node-forge';
import { generate } from 'selfsigned';

/** A self-signed certificate with an RSA key, PEM. */
export async function newCertificate(): Promise<{ readonly certificate: string; readonly key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'outrider' }], {
    keySize: 2048,
  });
  return { certificate: cert, key };
}

/** A PKCS 12 file as the vault hands it out, base64. */
export function pkcs12(
  { key, certificate }: { readonly key?: string | undefined; readonly certificate: string },
  password = '',
  algorithm: '3des' | 'aes256' = '3des',
): string {
  const privateKey =
    key === undefined ? null : (forge.pki.privateKeyFromPem(key) as forge.pki.rsa.PrivateKey);
  const certificates = [forge.pki.certificateFromPem(certificate)];
  const file = forge.pkcs12.toPkcs12Asn1(privateKey, certificates, password, {
    algorithm,
  });
  return forge.util.encode64(forge.asn1.toDer(file).getBytes());
}
