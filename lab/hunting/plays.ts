/** What a test or the control interface makes of a query beyond the settings. Undefined: as the settings say. */
export interface HuntRule {
  /** Hash of the query; missing: every query. */
  readonly hash?: string | undefined;
  /** Missing: every tenant. */
  readonly tenant?: string | undefined;
  readonly rowsPerHour?: number | undefined;
  readonly rowBytes?: number | undefined;
  /** Virtual run time in milliseconds; above the limit the hunt fails. */
  readonly runMs?: number | undefined;
  readonly cpuMs?: number | undefined;
}

/**
 * How a hunt goes wrong: by the quota of calls or of CPU, by its run time, its size, an error of the service, or
 * with an answer that is only the first half and (by `huntCutSays`) says so.
 */
export type FailureKind = 'calls' | 'cpu' | 'time' | 'size' | 'error' | 'incomplete';

export interface HuntFailure {
  readonly kind: FailureKind;
  readonly hash?: string | undefined;
  readonly tenant?: string | undefined;
  /** How many hunts it hits; default 1. */
  readonly times?: number | undefined;
  /** Of `error`; default 500. */
  readonly status?: number | undefined;
}

/** Rules and failures, as they are asked for one hunt after the other. */
export interface Plays {
  rule(rule: HuntRule): void;
  fail(failure: HuntFailure): void;
  clear(): void;
  /** The rule of a hunt; a narrower one comes before a wider one, a later before an earlier. */
  ruleFor(hash: string, tenant: string): HuntRule;
  /** Takes the failure that hits this hunt, if any. */
  strike(hash: string, tenant: string): HuntFailure | undefined;
  rules(): readonly HuntRule[];
  failures(): readonly HuntFailure[];
}

export function createPlays(): Plays {
  let rules: HuntRule[] = [];
  let failures: { readonly failure: HuntFailure; left: number }[] = [];

  return {
    rule(rule) {
      rules = [...rules.filter((old) => old.hash !== rule.hash || old.tenant !== rule.tenant), rule];
    },
    fail(failure) {
      failures.push({ failure, left: failure.times ?? 1 });
    },
    clear() {
      rules = [];
      failures = [];
    },
    ruleFor(hash, tenant) {
      const fitting = rules.filter((rule) => fits(rule, hash, tenant));
      const width = (rule: HuntRule): number =>
        (rule.hash === undefined ? 2 : 0) + (rule.tenant === undefined ? 1 : 0);
      const widestFirst = fitting.sort((one, other) => width(other) - width(one));
      return Object.assign({}, ...widestFirst.map(definedOf)) as HuntRule;
    },
    strike(hash, tenant) {
      const found = failures.find(({ failure }) => fits(failure, hash, tenant));
      if (found === undefined) return undefined;
      found.left -= 1;
      failures = failures.filter(({ left }) => left > 0);
      return found.failure;
    },
    rules: () => [...rules],
    failures: () => failures.map(({ failure, left }) => ({ ...failure, times: left })),
  };
}

interface Target {
  readonly hash?: string | undefined;
  readonly tenant?: string | undefined;
}

const fits = (target: Target, hash: string, tenant: string): boolean =>
  (target.hash === undefined || target.hash === hash) &&
  (target.tenant === undefined || target.tenant === tenant);

/** A rule that leaves something out leaves it to wider ones. */
const definedOf = (rule: HuntRule): Partial<HuntRule> =>
  Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
