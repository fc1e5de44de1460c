import type { LabCaller } from '../service.ts';
import { ApiFault } from './api-fault.ts';
import type { IncidentPatch } from './tenant.ts';

/** How one property of a request becomes one of an incident; undefined: the value is not one that the service takes. */
type Reader = (value: unknown) => IncidentPatch | undefined;

/** Properties by the name that the service's page has for them. */
export type PatchReaders = Readonly<Record<string, Reader>>;

/** A word of an enumeration, in any letter case: what Graph's page shows in its examples. */
export function word(property: keyof IncidentPatch, members: Readonly<Record<string, string>>): Reader {
  const known = new Map(Object.entries(members).map(([written, meant]) => [written.toLowerCase(), meant]));
  return (value) => {
    const meant = typeof value === 'string' ? known.get(value.toLowerCase()) : undefined;
    return meant === undefined ? undefined : { [property]: meant };
  };
}

export const text =
  (property: keyof IncidentPatch): Reader =>
  (value) =>
    value === null || typeof value === 'string' ? { [property]: value } : undefined;

export const texts =
  (property: keyof IncidentPatch): Reader =>
  (value) =>
    Array.isArray(value) && value.every((item) => typeof item === 'string')
      ? { [property]: value }
      : undefined;

/** The names of an enumeration that are written as they are meant. */
export const asWritten = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, name]));

/**
 * The change that a body asks for.
 *
 * @throws ApiFault 400 for no JSON object, a property that is not offered, or a value that is not taken
 */
export function readPatch(body: Buffer, readers: PatchReaders): IncidentPatch {
  const read = Object.entries(readObject(body)).map(([name, value]) => {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (!reader) throw bad(`The property '${name}' does not exist or cannot be updated.`);
    const change = reader(value);
    if (!change) throw bad(`The value of the property '${name}' is not valid.`);
    return change;
  });
  return Object.assign({}, ...read) as IncidentPatch;
}

/** @throws ApiFault 400 */
export function readObject(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {}
  throw bad('Unable to read JSON request payload.');
}

/** Who has made a change, as incidents name them: a user by their sign-in name, an app by its id. */
export const authorOf = ({ user, appId }: LabCaller): string => user?.name ?? `API-App:${appId}`;

export const bad = (message: string): ApiFault => new ApiFault(400, 'BadRequest', message);
