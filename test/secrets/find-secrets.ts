import { formsIn } from './forms.ts';
import type { Hit, SecretIndex } from './secret-index.ts';

/** A secret that shows in a text. */
export interface Sighting {
  /** Its place in the list that the index was made of. */
  readonly secret: number;
  /** `plain`, or how it was found: `gzip, base64`. */
  readonly form: string;
  /** Line of the text, from 1; undefined when the secret is not there in plain. */
  readonly line: number | undefined;
}

/** base64 within a URL within gzip: nothing that a program prints is nested deeper. */
const DEPTH = 3;
const NEWLINE = 0x0a;

/** Every secret that shows in a text, as it is or in another form, once each. */
export function findSecrets(index: SecretIndex, text: Uint8Array): readonly Sighting[] {
  const found = new Map<number, Sighting>();

  function look(bytes: Uint8Array, forms: readonly string[]): void {
    for (const hit of index.find(bytes)) {
      if (!found.has(hit.secret)) found.set(hit.secret, sightingOf(hit, bytes, forms));
    }
    if (forms.length === DEPTH) return;
    for (const form of formsIn(bytes)) look(form.bytes, [...forms, form.name]);
  }

  look(text, []);
  return [...found.values()];
}

function sightingOf({ secret, at }: Hit, text: Uint8Array, forms: readonly string[]): Sighting {
  if (forms.length > 0) return { secret, form: forms.join(', '), line: undefined };
  let line = 1;
  for (let place = text.indexOf(NEWLINE); place >= 0 && place < at; place = text.indexOf(NEWLINE, place + 1))
    line++;
  return { secret, form: 'plain', line };
}
