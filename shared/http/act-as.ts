import type { HttpRequest } from '@azure/functions';
import { OutriderError } from '../errors.ts';
import type { Fields } from './body.ts';

/** In whose name work is done: the caller's own, a user. Absent: Outrider's. */
export type ActAs = 'user';

const HEADER = 'outrider-act-as';
const BODY_WORDS = ['user'] as const;

/**
 * In whose name the header `Outrider-Act-As` wants a request served.
 *
 * @throws OutriderError `request.invalid` for any other word than `user`: it must never be served in another name
 */
export function actAsOfHeader(request: HttpRequest): ActAs | undefined {
  const value = request.headers.get(HEADER);
  if (value === null) return undefined;
  if (value === 'user') return value;
  throw new OutriderError(
    'request.invalid',
    'The header Outrider-Act-As knows one word, "user". Without the header Outrider works in its own name.',
  );
}

/** The same of the field `actAs` in a body; another word is a fault of the body. */
export const actAsOfBody = (fields: Fields): ActAs | undefined => fields.word('actAs', BODY_WORDS);

/**
 * For routes that do nothing in a user's name.
 *
 * @throws OutriderError `request.invalid` when the header is there, whatever it says
 */
export function refuseActAs(request: HttpRequest): void {
  if (request.headers.get(HEADER) === null) return;
  throw new OutriderError(
    'request.invalid',
    'Nothing is done in a user’s own name here: Outrider-Act-As is for one tenant’s hunts, for reading an incident and for changing one. Leave the header out.',
  );
}
