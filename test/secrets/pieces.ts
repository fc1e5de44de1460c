import { createPrivateKey } from 'node:crypto';
import forge from 'node-forge';
import type { LedgerEntry } from '../../lab/leak-watch/notes.ts';

/** So many characters of a secret must not show in a row. */
export const SHOWN = 20;
/** A shorter value is a word of a test (`old`, `hush`), and would be found everywhere. */
const SHORTEST = 8;
const JWT = /^([\w-]+)\.([\w-]+)\.([\w-]{20,})$/;
const PRIVATE_PEM = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA |EC )?PRIVATE KEY-----/g;
/** Members of a key in JWK form that are private; `n` and `e` are in every certificate. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const;
/** A claim's name, and the value of one that is new in each token. */
const CLAIM = /"(\w+)":(?:(?<=uti":|jti":|nonce":)"([^"]*)")?/g;
/** So many characters of such a value are not met by chance. */
const UNIQUE = 8;

/**
 * The stretches of a secret in which any {@link SHOWN} characters in a row (or all, when it is shorter) are a leak.
 *
 * - Of a JWT: the signature, without which it opens nothing, and of the claims in their encoded form what takes in
 *   the name of a claim or most of an id of this very token. Not the header, which all tokens of a key share, and not
 *   what lies within the value of one other claim: ids of tenants and apps are encoded in the same letters wherever a
 *   queue message or a continuation token carries them.
 * - Of a certificate with its key (PEM, PKCS 12): the private numbers of the key, in whatever form it is written;
 *   the certificate is public. Of PKCS 12, the file itself as well.
 * - Of anything else: all of it.
 */
export function piecesOf({ kind, value }: Pick<LedgerEntry, 'kind' | 'value'>): Buffer[] {
  const [, header, payload] = JWT.exec(value) ?? [];
  if (header !== undefined && payload !== undefined) return jwtPieces(value, header.length, payload);
  const pems = value.match(PRIVATE_PEM);
  if (pems) return pems.flatMap(privateNumbers);
  const pkcs12 = kind === 'vault secret' ? pkcs12Pieces(value) : undefined;
  if (pkcs12) return pkcs12;
  return value.length < SHORTEST ? [] : [Buffer.from(value)];
}

function jwtPieces(token: string, headerLength: number, payload: string): Buffer[] {
  const start = headerLength + 1;
  const isOwn = ownParts(Buffer.from(payload, 'base64url').toString('latin1'));
  const pieces: Buffer[] = [];
  let from: number | undefined;
  for (let at = 0; at + SHOWN <= payload.length; at++) {
    // Bytes of the claims that are in these letters as a whole.
    if (isOwn(Math.ceil((at * 3) / 4), Math.floor(((at + SHOWN) * 3) / 4))) from ??= at;
    else if (from !== undefined) {
      pieces.push(Buffer.from(token.slice(start + from, start + at - 1 + SHOWN)));
      from = undefined;
    }
  }
  // From here on they reach into the signature, or at least to the point before it.
  from ??= Math.max(0, payload.length - SHOWN + 1);
  return [...pieces, Buffer.from(token.slice(start + from))];
}

/** Tells whether what lies between two places of the claims can only be from a token. */
function ownParts(claims: string): (first: number, end: number) => boolean {
  /** For each place, where the last name that ends before it begins. */
  const nameBefore = new Int32Array(claims.length + 1).fill(-1);
  /** For each place, how many characters before it are of unique values. */
  const uniqueBefore = new Int32Array(claims.length + 1);
  for (const { index, 0: all, 1: name = '', 2: unique } of claims.matchAll(CLAIM)) {
    nameBefore[index + name.length + 3] = index;
    if (unique !== undefined) uniqueBefore.fill(1, index + all.length - unique.length, index + all.length);
  }
  for (let at = 1; at <= claims.length; at++) {
    nameBefore[at] = Math.max(nameBefore[at] ?? -1, nameBefore[at - 1] ?? -1);
    uniqueBefore[at] = (uniqueBefore[at] ?? 0) + (uniqueBefore[at - 1] ?? 0);
  }
  return (first, end) =>
    (nameBefore[end] ?? -1) >= first || (uniqueBefore[end] ?? 0) - (uniqueBefore[first] ?? 0) >= UNIQUE;
}

/** A PKCS 12 file of the vault, which has no password: its keys, and what lies around the certificates. */
function pkcs12Pieces(value: string): Buffer[] | undefined {
  if (!/^MI[\w+/=\s]+$/.test(value)) return undefined;
  const der = Buffer.from(value, 'base64');
  const bags = safeBagsOf(der);
  if (bags === undefined) return undefined;
  let rest = [value];
  for (const { cert } of bags) {
    if (!cert) continue;
    const bytes = Buffer.from(forge.asn1.toDer(forge.pki.certificateToAsn1(cert)).getBytes(), 'latin1');
    const at = der.indexOf(bytes);
    if (at < 0) continue;
    const letters = value.slice(Math.floor((at * 4) / 3), Math.ceil(((at + bytes.length) * 4) / 3));
    rest = rest.flatMap((part) => part.split(letters));
  }
  const keys = bags.flatMap(({ key }) => (key ? [forge.pki.privateKeyToPem(key)] : []));
  const around = rest.filter(({ length }) => length >= SHOWN).map((part) => Buffer.from(part));
  return [...around, ...keys.flatMap(privateNumbers)];
}

/** Undefined when it is no such file: a test may have stored anything. */
function safeBagsOf(der: Buffer): forge.pkcs12.Bag[] | undefined {
  try {
    const file = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(der.toString('latin1')), '');
    return file.safeContents.flatMap(({ safeBags }) => safeBags);
  } catch {
    return undefined;
  }
}

function privateNumbers(pem: string): Buffer[] {
  const jwk = createPrivateKey(pem).export({ format: 'jwk' });
  return PRIVATE_MEMBERS.flatMap((name) => {
    const number = jwk[name];
    return number === undefined ? [] : [Buffer.from(number, 'base64url')];
  });
}
