import { generate } from 'selfsigned';

/** A self-signed certificate with an RSA key, PEM. */
export async function newCertificate(): Promise<{ readonly certificate: string; readonly key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'outrider' }], {
    keySize: 2048,
  });
  return { certificate: cert, key };
}
