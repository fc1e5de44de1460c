import { OutriderError } from '../../errors.ts';
import { closestTo } from '../../text.ts';
import { checkRequestOf } from '../library/check-request.ts';
import type { LibraryProblem } from '../library/problem.ts';
import { comparableId } from '../library/query-id.ts';
import type { LibrarySource } from '../library/shipped-library.ts';
import type { KqlService } from '../ports.ts';
import type { HuntingQuery } from '../query.ts';
import { type ShownCheck, shownCheck } from './shown-check.ts';

/** A query of the library with what the check says of it. */
export interface CheckedQuery {
  readonly query: HuntingQuery;
  readonly check: ShownCheck;
}

/** A page of the library, in the order of its files. */
export interface LibraryPage {
  readonly queries: readonly CheckedQuery[];
  /** Id of the page's last query, when there are more. */
  readonly next: string | undefined;
  /** What is wrong in the library's files: a query with an error is not in it. */
  readonly problems: readonly LibraryProblem[];
}

/** The check itself failed, which another try may not: not kept. */
const CHECKER_FAILED = 'KQL900';

/** The library of a running app. Its queries are checked when they are first looked at, and once. */
export interface CheckedLibrary {
  list(page: { readonly top: number; readonly after?: string | undefined }): Promise<LibraryPage>;
  /** The query with this id in any letter case. @throws OutriderError `request.not_found` */
  find(id: string): Promise<HuntingQuery>;
  check(query: HuntingQuery): Promise<ShownCheck>;
}

export function createCheckedLibrary({
  source,
  kql,
}: {
  readonly source: LibrarySource;
  readonly kql: () => Pick<KqlService, 'check'>;
}): CheckedLibrary {
  const checks = new Map<HuntingQuery, Promise<ShownCheck>>();

  async function checkNow(query: HuntingQuery): Promise<ShownCheck> {
    return shownCheck(query.text, await kql().check(checkRequestOf(query)));
  }

  function check(query: HuntingQuery): Promise<ShownCheck> {
    const known = checks.get(query);
    if (known) return known;
    const checking = checkNow(query);
    checks.set(query, checking);
    const forget = (): void => void checks.delete(query);
    checking.then(({ diagnostics }) => {
      if (diagnostics.some(({ code }) => code === CHECKER_FAILED)) forget();
    }, forget);
    return checking;
  }

  return {
    check,
    async list({ top, after }) {
      const { queries, problems } = await source.load();
      const before = after === undefined ? -1 : queries.findIndex(({ id }) => sameId(id, after));
      if (after !== undefined && before < 0) throw absent(after, queries);
      const page = queries.slice(before + 1, before + 1 + top);
      const next = before + 1 + top < queries.length ? page.at(-1)?.id : undefined;
      const checked = page.map(async (query) => ({ query, check: await check(query) }));
      return { queries: await Promise.all(checked), next, problems };
    },
    async find(id) {
      const { queries } = await source.load();
      const found = queries.find((query) => sameId(query.id, id));
      if (found) return found;
      throw absent(id, queries);
    },
  };
}

const sameId = (a: string, b: string): boolean => comparableId(a) === comparableId(b);

/** Longer words are no misspelt ids. */
const MOST_COMPARED = 200;

function absent(id: string, queries: readonly HuntingQuery[]): OutriderError {
  const ids = queries.map((query) => query.id);
  const meant = id.length > MOST_COMPARED ? undefined : closestTo(id, ids);
  const hint = meant === undefined ? 'GET /queries lists what there is.' : `Did you mean ${meant}?`;
  return new OutriderError(
    'request.not_found',
    `There is no query "${id.slice(0, 128)}" in the library. ${hint}`,
  );
}
