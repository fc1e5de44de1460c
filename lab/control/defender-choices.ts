import type { DefenderSettings } from '../defender/settings.ts';

/** The settings that know a few words or numbers and no others. */
type ChoiceName = {
  [Name in keyof DefenderSettings]: DefenderSettings[Name] extends string | number
    ? string extends DefenderSettings[Name]
      ? never
      : number extends DefenderSettings[Name]
        ? never
        : Name
    : never;
}[keyof DefenderSettings];

const CHOICES: { readonly [Name in ChoiceName]: readonly DefenderSettings[Name][] } = {
  huntOverBytes: ['refuse', 'cut'],
  huntTimeoutStatus: [400, 408, 500, 504],
  huntCutSays: ['nothing', 'exceptions', 'error', 'header', 'status'],
  huntTimespanEnds: ['both', 'start', 'end', 'neither'],
  huntLongTimespan: ['cut', 'refuse'],
  huntSchemaPlace: ['first', 'last'],
  huntAnnotations: ['int64', 'all', 'none'],
  huntDynamic: ['text', 'json'],
  huntBools: ['boolean', 'sbyte'],
  huntTimeDigits: [7, 'trimmed'],
  huntOrder: ['time', 'newest', 'none'],
  huntLegacyEndStatus: [403, 404, 410],
  orderBy: ['createdDateTime', 'lastUpdateDateTime'],
  links: ['skip', 'token'],
  expiredTokenStatus: [400, 410],
  undocumentedOptions: ['reject', 'ignore'],
  expand: ['whole', 'paged', 'cut', 'fail'],
  expandFailStatus: [500, 503, 504],
  timeDigits: [0, 3, 6, 7, 'trimmed'],
  redirected: ['listed', 'gone'],
  pageShift: ['none', 'arrive', 'change', 'remove'],
};

/** The words and numbers that a setting knows; undefined for one that takes any number, a time, or a switch. */
export function choicesOf(name: string): readonly unknown[] | undefined {
  return Object.hasOwn(CHOICES, name) ? CHOICES[name as ChoiceName] : undefined;
}
