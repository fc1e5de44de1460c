import forge from 'node-forge';

/**
 * The RSA key and the certificates of a PKCS 12 file without a password, as PEM: the form in which Key Vault hands out
 * a certificate unless its policy says PEM (https://learn.microsoft.com/azure/key-vault/certificates/how-to-export-certificate).
 *
 * @param base64 the file, as the vault's secret holds it
 * @throws Error for anything else; its text is the library's
 */
export function pemOfPkcs12(base64: string): string {
  const file = forge.asn1.fromDer(forge.util.decode64(base64));
  const { pkcs8ShroudedKeyBag, keyBag, certBag } = forge.pki.oids;
  const content = forge.pkcs12.pkcs12FromAsn1(file, '');
  const bagsOf = (type: string | undefined): forge.pkcs12.Bag[] =>
    type === undefined ? [] : (content.getBags({ bagType: type })[type] ?? []);
  const keys = [...bagsOf(pkcs8ShroudedKeyBag), ...bagsOf(keyBag)].flatMap(({ key }) =>
    key ? forge.pki.privateKeyToPem(key) : [],
  );
  const certificates = bagsOf(certBag).flatMap(({ cert }) => (cert ? forge.pki.certificateToPem(cert) : []));
  return [...keys, ...certificates].join('\n');
}

/** The library's complaint about a file whose checksum does not fit the empty password. */
export const hasPassword = (error: unknown): boolean =>
  error instanceof Error && /MAC could not be verified/.test(error.message);
