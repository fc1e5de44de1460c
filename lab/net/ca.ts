import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** The certificates of one run of the lab. The authority's own key is thrown away once the leaf is signed. */
export interface LabCertificates {
  /** Certificate of the authority, PEM: what a client has to trust. */
  readonly authority: string;
  /** Certificate for every host name of the lab and 127.0.0.1, PEM. */
  readonly certificate: string;
  /** Private key of `certificate`, PEM (PKCS#8). */
  readonly key: string;
}

export interface CertificateFiles {
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  remove(): Promise<void>;
}

const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 30;

/**
 * Makes a certificate authority and one leaf for `hosts` (exact names) and 127.0.0.1. TLS always runs on
 * the machine's time, whatever the lab's clock says, so validity counts from now; it starts a day early
 * because clocks differ.
 */
export async function createCertificates(hosts: readonly string[]): Promise<LabCertificates> {
  const common = {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY_MS),
    notAfterDate: new Date(Date.now() + LIFETIME_DAYS * DAY_MS),
  } as const;
  const authority = await generate([{ name: 'commonName', value: 'Outrider lab authority' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: 'Outrider lab' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...hosts.map((value) => ({ type: 2, value }) as const),
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { authority: authority.cert, certificate: leaf.cert, key: leaf.private };
}

/** Writes the certificates into `directory` (made when missing), readable by this user alone. */
export async function writeCertificates(
  certificates: LabCertificates,
  directory: string,
): Promise<CertificateFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const files = {
    authorityFile: join(directory, 'ca.pem'),
    certificateFile: join(directory, 'leaf.pem'),
    keyFile: join(directory, 'leaf.key'),
  };
  await writePrivate(files.authorityFile, certificates.authority);
  await writePrivate(files.certificateFile, certificates.certificate);
  await writePrivate(files.keyFile, certificates.key);
  return {
    ...files,
    async remove() {
      await Promise.all(Object.values(files).map((file) => rm(file, { force: true })));
    },
  };
}

async function writePrivate(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await chmod(file, 0o600); // `mode` only counts for a file that did not exist
}
