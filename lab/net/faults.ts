import { z } from 'zod';
import { zodText } from '../zod-text.ts';

const ruleSchema = z.strictObject({
  service: z.string().min(1).optional(),
  tenant: z.string().min(1).optional(),
  method: z.string().min(1).optional(),
  path: z.string().min(1).optional(),
  pattern: z.string().min(1).refine(isPattern, 'not a regular expression').optional(),
  status: z.int().min(200).max(599).optional(),
  retryAfter: z.union([z.number().min(0), z.string().min(1)]).optional(),
  delayMs: z.number().min(0).max(600_000).optional(),
  cut: z.enum(['before', 'answer', 'body']).optional(),
  body: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  code: z
    .string()
    .regex(/^\w{1,64}$/)
    .optional(),
  times: z.int().min(1).optional(),
  after: z.int().min(0).optional(),
  probability: z.number().min(0).max(1).optional(),
});

/**
 * What goes wrong, and for which requests. Every condition that is given must hold.
 *
 * - `service` name of the stand-in (`entra`, `graph`, `blob` …); `tenant` id; `method` in any case
 * - `path` a piece of path and query as on the wire; `pattern` a regular expression over the same
 * - `status` is answered instead of the service, with `body` and `retryAfter` (seconds, or the header's own text);
 *   without a `body` in the service's own form of an error, with `code` for its code
 * - `delayMs` wait before anything else happens
 * - `cut` the connection: `before` the service sees the request, before a byte of the `answer` although the
 *   service has done its work, or in the middle of the answer's `body`
 * - `after` matching requests pass first, then `times` are hit (default: all), each with `probability` (default 1)
 */
export type FaultRule = z.infer<typeof ruleSchema>;

/** A rule as it stands in the list: with its id, and how often it matched and struck. */
export type ListedFault = FaultRule & {
  readonly id: string;
  readonly matched: number;
  readonly struck: number;
};

/** What a fault may look at. */
export interface FaultTarget {
  readonly service: string;
  readonly tenant: string | undefined;
  readonly method: string;
  /** Path and query as on the wire. */
  readonly target: string;
}

export interface Faults {
  /** @throws an Error that names every wrong field of the rule */
  add(rule: unknown): ListedFault;
  /** False when there is no such rule. */
  remove(id: string): boolean;
  list(): readonly ListedFault[];
  clear(): void;
  /** The first rule in the list that strikes this request; counts it. Never two at once. */
  strike(target: FaultTarget): FaultRule | undefined;
}

interface Entry {
  readonly id: string;
  readonly rule: FaultRule;
  readonly pattern: RegExp | undefined;
  matched: number;
  struck: number;
}

export interface FaultsOptions {
  /** 0 ≤ n < 1; asked only for rules with a probability. */
  readonly random: () => number;
  /** Names that rules may use for `service`; any when missing. */
  readonly services?: readonly string[];
}

/** The lab's fault rules. */
export function createFaults({ random, services }: FaultsOptions): Faults {
  let entries: Entry[] = [];
  let lastId = 0;

  const strikes = (entry: Entry): boolean => {
    entry.matched += 1;
    if (entry.matched <= (entry.rule.after ?? 0)) return false;
    if (entry.rule.probability !== undefined && random() >= entry.rule.probability) return false;
    entry.struck += 1;
    return true;
  };

  return {
    add(input) {
      const rule = parseRule(input);
      if (rule.service !== undefined && services !== undefined && !services.includes(rule.service)) {
        throw new Error(`The lab has no service ${rule.service}; there are ${services.join(', ')}.`);
      }
      lastId += 1;
      const pattern = rule.pattern === undefined ? undefined : new RegExp(rule.pattern);
      const entry = { id: String(lastId), rule, pattern, matched: 0, struck: 0 };
      entries.push(entry);
      return listed(entry);
    },
    remove(id) {
      const before = entries.length;
      entries = entries.filter((entry) => entry.id !== id);
      return entries.length < before;
    },
    list: () => entries.map(listed),
    clear() {
      entries = [];
    },
    strike: (target) =>
      entries.find((entry) => !isSpent(entry) && matches(entry, target) && strikes(entry))?.rule,
  };
}

function parseRule(input: unknown): FaultRule {
  const parsed = ruleSchema.safeParse(input);
  if (!parsed.success) throw new Error(`A fault rule is wrong. ${zodText(parsed.error)}.`);
  const { status, delayMs, cut, body, code, retryAfter } = parsed.data;
  if (status === undefined && delayMs === undefined && cut === undefined) {
    throw new Error('A fault rule does nothing: give it a status, a delay or a cut.');
  }
  if (status === undefined && (body ?? code ?? retryAfter) !== undefined) {
    throw new Error('A fault rule has a body, code or retryAfter but no status to answer them with.');
  }
  return parsed.data;
}

function listed({ id, rule, matched, struck }: Entry): ListedFault {
  return { ...rule, id, matched, struck };
}

function isSpent({ rule, struck }: Entry): boolean {
  return rule.times !== undefined && struck >= rule.times;
}

function matches({ rule, pattern }: Entry, { service, tenant, method, target }: FaultTarget): boolean {
  return (
    (rule.service === undefined || rule.service === service) &&
    (rule.tenant === undefined || rule.tenant.toLowerCase() === tenant?.toLowerCase()) &&
    (rule.method === undefined || rule.method.toUpperCase() === method.toUpperCase()) &&
    (rule.path === undefined || target.includes(rule.path)) &&
    (pattern === undefined || pattern.test(target))
  );
}

function isPattern(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}
