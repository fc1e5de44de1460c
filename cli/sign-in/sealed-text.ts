import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** A text under AES-256-GCM; parts in base64. */
export interface SealedText {
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

const CIPHER = 'aes-256-gcm';

/** A new key, as the key store keeps it: 44 characters. */
export const newSealKey = (): string => randomBytes(32).toString('base64');

export function seal(text: string, key: string): SealedText {
  const iv = randomBytes(12);
  const cipher = createCipheriv(CIPHER, Buffer.from(key, 'base64'), iv);
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const base64 = (bytes: Buffer): string => bytes.toString('base64');
  return { iv: base64(iv), tag: base64(cipher.getAuthTag()), data: base64(data) };
}

/** The text; undefined for another key, or when anything was changed. */
export function unseal({ iv, tag, data }: SealedText, key: string): string | undefined {
  try {
    const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
    const decipher = createDecipheriv(CIPHER, bytes(key), bytes(iv), { authTagLength: 16 });
    decipher.setAuthTag(bytes(tag));
    return Buffer.concat([decipher.update(bytes(data)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
