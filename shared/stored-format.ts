import { OutriderError } from './errors.ts';

/**
 * The error for something stored in a format that this version does not know: nothing is guessed, so that going back to an
 * older version stops what it cannot read and spoils nothing.
 *
 * @param what it is, as people say it: `hunting run r|…`
 * @param found the format that it names
 * @param known the one that this version reads
 * @param tenant whose it is, where that is not in `what`
 */
export function unknownFormat(what: string, found: unknown, known: number, tenant?: string): OutriderError {
  return new OutriderError(
    'storage.unreadable',
    `The stored ${what} has format ${found}; this version of Outrider reads format ${known}. Deploy the version that wrote it.`,
    tenant === undefined ? {} : { tenant },
  );
}
